// Whatever the api does, its answer is one we know, or a failure that names no address. Real servers.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { test } from "node:test";

import { ApiError, askDeployments, askHealth, PATIENCE_MS } from "../src/api.js";

const BY_THEN = { timeout: 15_000 };
const DEPLOYMENT = {
  generation: 7,
  short_sha: "0123456789ab",
  tag: "prod-7",
  services: ["api", "workers"],
  created_at: "2026-01-02T03:04:05.678901+00:00",
};

/** The address of that server. */
async function listening(t, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections?.();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

const api = (t, answer) => listening(t, createHttpServer(answer));
const answering = (t, body) =>
  api(t, (request, response) => response.end(typeof body === "string" ? body : JSON.stringify(body)));

async function assertFails(asked, message, { statusCode = 502, reason } = {}) {
  const error = await asked.then(assert.fail, (error) => error);
  assert.equal(error.constructor, ApiError, error.stack);
  assert.deepEqual({ ...error, message: error.message }, { message, statusCode, reason });
  assert.equal(error.cause, undefined);
}

const ASKED = [
  ["health", "/healthz", askHealth],
  ["deployments", "/deployments", askDeployments],
];

for (const [name, path, ask] of ASKED) {
  test(`${name}: asks at its address`, BY_THEN, async (t) => {
    const asked = [];
    const url = await api(t, ({ method, url }, response) => {
      asked.push([method, url]);
      response.end('{"deployments": []}');
    });
    await ask(`${url}/base`);
    assert.deepEqual(asked, [["GET", `/base${path}`]]);
  });

  test(`${name}: nobody listens`, BY_THEN, async (t) => {
    const server = createServer();
    const url = await listening(t, server);
    await new Promise((closed) => server.close(closed));
    await assertFails(ask(url), "the api does not answer", { reason: "ECONNREFUSED" });
  });

  test(`${name}: no such host`, BY_THEN, async () => {
    const error = await ask("http://nobody.invalid").catch((error) => error);
    assert.equal(error.message, "the api does not answer");
    assert.match(error.reason, /^(ENOTFOUND|EAI_AGAIN|TimeoutError)$/);
  });

  test(`${name}: accepts, and is silent`, BY_THEN, async (t) => {
    const url = await listening(t, createServer());
    const begun = performance.now();
    await assertFails(ask(url), "the api does not answer", { statusCode: 504, reason: "TimeoutError" });
    const took = performance.now() - begun;
    assert.ok(took > PATIENCE_MS - 50, `it gave up after ${took} ms`);
  });

  test(`${name}: hangs up`, BY_THEN, async (t) => {
    const url = await listening(t, createServer((socket) => socket.on("data", () => socket.end())));
    await assertFails(ask(url), "the api does not answer", { reason: "UND_ERR_SOCKET" });
  });

  test(`${name}: speaks something else`, BY_THEN, async (t) => {
    const url = await listening(t, createServer((socket) => socket.on("data", () => socket.end("SSH-2.0\r\n"))));
    const error = await ask(url).catch((error) => error);
    assert.equal(error.message, "the api does not answer");
    assert.match(error.reason, /^(HPE_INVALID_CONSTANT|TypeError)$/); // as node has it, by its version
  });

  for (const status of [204, 404, 500, 503]) {
    test(`${name}: status ${status}`, BY_THEN, async (t) => {
      const url = await api(t, (request, response) => response.writeHead(status).end());
      await assertFails(ask(url), `the api answers with status ${status}`);
    });
  }

  for (const status of [301, 302, 307]) {
    test(`${name}: redirect with ${status} is not followed`, BY_THEN, async (t) => {
      let asked = 0;
      const url = await api(t, (request, response) => {
        asked += 1;
        response.writeHead(status, { location: "/elsewhere" }).end();
      });
      await assertFails(ask(url), `the api answers with status ${status}`);
      assert.equal(asked, 1);
    });
  }
}

test("health: a body that never ends is not waited for", BY_THEN, async (t) => {
  const url = await api(t, (request, response) => response.write("{"));
  await askHealth(url);
});

// Deployments

test("a body that comes too slowly is given up", BY_THEN, async (t) => {
  const url = await api(t, (request, response) => response.write('{"deployments": ['));
  await assertFails(askDeployments(url), "the api does not answer", { statusCode: 504, reason: "TimeoutError" });
});

test("a body that breaks off is no answer", BY_THEN, async (t) => {
  const url = await api(t, (request, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write('{"deployments": []}', () => response.destroy());
  });
  await assertFails(askDeployments(url), "the api does not answer", { reason: "UND_ERR_SOCKET" });
});

test("deployments come in the api's order", BY_THEN, async (t) => {
  const deployments = [{ ...DEPLOYMENT, generation: 8, tag: null, services: [] }, DEPLOYMENT];
  assert.deepEqual(await askDeployments(await answering(t, { deployments })), deployments);
});

test("fields that nobody knows stay behind", BY_THEN, async (t) => {
  const url = await answering(t, { deployments: [{ ...DEPLOYMENT, password: "hunter2" }], next: "/more" });
  assert.deepEqual(await askDeployments(url), [DEPLOYMENT]);
});

/** An answer of so many bytes, without a single deployment. */
const ofSize = (bytes) => '{"deployments": []}'.padEnd(bytes);

test("256 KiB are read", BY_THEN, async (t) => {
  assert.deepEqual(await askDeployments(await answering(t, ofSize(256 * 1024))), []);
});

test("one byte more is too much", BY_THEN, async (t) => {
  await assertFails(askDeployments(await answering(t, ofSize(256 * 1024 + 1))), "the api answers with too much");
});

test("an answer without end is not read to its end", BY_THEN, async (t) => {
  const url = await api(t, (request, response) => {
    const chunk = " ".repeat(64 * 1024);
    const more = () => response.write(chunk, (error) => error || more());
    more();
  });
  await assertFails(askDeployments(url), "the api answers with too much");
});

for (const text of ["", "{", "<html>", "deployments", '{"deployments": [}', "{'deployments': []}"]) {
  test(`${JSON.stringify(text)} is not JSON`, BY_THEN, async (t) => {
    await assertFails(askDeployments(await answering(t, text)), "the api answers with something else than JSON");
  });
}

const WRONG = {
  generation: [undefined, null, "7", 1.5, 2 ** 53, [7]],
  short_sha: [undefined, null, 7, ["a"]],
  tag: [undefined, 7, false, {}],
  services: [undefined, null, "api", {}, [1], [null], [["api"]]],
  created_at: [
    ...[undefined, null, 0, "", "today", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z"],
    ["2026-01-02T03:04:05Z"],
  ],
};
const NO_LIST = [[], {}, null, 1, "deployments"];
const NOT_OF_DEPLOYMENTS = [null, {}, [null], [[]], "none"].map((deployments) => ({ deployments }));
const shapes = [
  ...NOT_OF_DEPLOYMENTS,
  ...NO_LIST,
  ...Object.entries(WRONG).flatMap(([key, values]) =>
    values.map((value) => ({ deployments: [DEPLOYMENT, { ...DEPLOYMENT, [key]: value }] })),
  ),
];

for (const shape of shapes) {
  const shown = JSON.stringify(shape).replace(JSON.stringify(DEPLOYMENT), "…");
  test(`${shown} is of another shape`, BY_THEN, async (t) => {
    const url = await answering(t, JSON.stringify(shape));
    await assertFails(askDeployments(url), "the api answers with something else than deployments");
  });
}
