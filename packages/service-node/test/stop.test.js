// What was sent before the signal is answered in full, and the process ends. Real processes, signals and sockets.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";

const PROGRAM = new URL("../fixtures/stoppable.js", import.meta.url);
const DEADLINE_MS = 15_000;
const BY_THEN = { timeout: 2 * DEADLINE_MS };

/** The process of that test, ready and, unless it is told otherwise, listening. */
async function start(t, { listening = true, env = {} } = {}) {
  const child = fork(PROGRAM, { env: { ...process.env, ...env } });
  const messages = [];
  child.on("message", (message) => messages.push(message));
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");

  /** The first message like that, sent already or still to come. */
  async function message(wanted) {
    for (;;) {
      const found = messages.find(wanted);
      if (found) return found;
      await once(child, "message", { signal: AbortSignal.timeout(DEADLINE_MS) });
    }
  }

  await message(({ msg }) => msg === "ready");
  if (listening) child.send("listen");
  const { port } = listening ? await message(({ port }) => port) : {};
  const got = (path) => message(({ got }) => got === path);
  const said = (text) => message(({ msg }) => msg === text);
  return { child, port, got, said, ended };
}

async function open(port) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Written when this returns: the kernel has it. */
async function send(socket, ...paths) {
  const text = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`).join("");
  await new Promise((done) => socket.write(text, done));
}

async function firstAnswer(socket) {
  await once(socket, "data");
  socket.pause();
}

/** All that comes until the other side ends. */
async function rest(socket) {
  const chunks = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

const WHOLE = /^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\nwhole$/;
const CLOSE = /\r\nconnection: close\r\n/i;

async function refusesConnections(port) {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    const socket = connect(port, "127.0.0.1");
    const error = await once(socket, "connect").catch((error) => error);
    socket.destroy();
    if (error.code === "ECONNREFUSED") return;
  }
  assert.fail("it still accepts connections");
}

/** What is in flight on `socket` is answered once it is let go, and the process ends. */
async function finishes(service, socket) {
  await refusesConnections(service.port);
  service.child.send("release");
  const answer = await rest(socket);
  assert.match(answer, WHOLE);
  assert.match(answer, CLOSE);
  assert.deepEqual(await service.ended, [0, null]);
}

/** A process that is halted reads and accepts nothing: so its kernel has all that is sent when the signal comes. */
async function answersWhatIsSentToItHalted(service, connect) {
  service.child.kill("SIGSTOP");
  const sockets = await connect();
  for (const socket of sockets) await send(socket, "/");
  service.child.kill("SIGTERM");
  service.child.kill("SIGCONT");
  for (const answer of await Promise.all(sockets.map(rest))) assert.match(answer, WHOLE);
  assert.deepEqual(await service.ended, [0, null]);
}

const openAll = (service, number) => Promise.all(Array.from({ length: number }, () => open(service.port)));

test("answer in flight is finished while new connections are refused", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  await send(socket, "/held");
  await service.got("/held");
  service.child.kill("SIGTERM");
  await finishes(service, socket);
});

test("requests that node has not read yet are answered", BY_THEN, async (t) => {
  const service = await start(t);
  const sockets = await openAll(service, 20);
  for (const socket of sockets) await send(socket, "/");
  await Promise.all(sockets.map(firstAnswer)); // from now on node thinks them idle
  await answersWhatIsSentToItHalted(service, () => sockets);
});

test("requests on connections that node has not accepted yet are answered", BY_THEN, async (t) => {
  const service = await start(t);
  await answersWhatIsSentToItHalted(service, () => openAll(service, 100));
});

test("of requests sent at once, the last answer ends the connection", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  await send(socket, "/held", "/", "/held");
  await service.got("/");
  service.child.kill("SIGTERM");
  await service.said("stopping");
  service.child.send("release");
  const answers = (await rest(socket)).split(/(?=HTTP\/1\.1)/);
  assert.equal(answers.length, 3);
  for (const answer of answers) assert.match(answer, WHOLE);
  assert.deepEqual(answers.map((answer) => CLOSE.test(answer)), [false, false, true]);
  assert.deepEqual(await service.ended, [0, null]);
});

test("answer that has not left yet is not cut off", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  await send(socket, "/large");
  await service.got("/large"); // of which the kernel takes only a part, as nobody reads
  service.child.kill("SIGTERM");
  await refusesConnections(service.port);
  const answer = await rest(socket);
  assert.equal(answer.length - answer.indexOf("\r\n\r\n") - 4, 32 * 1024 * 1024);
  assert.deepEqual(await service.ended, [0, null]);
});

test("request that waits for a silent api is answered", BY_THEN, async (t) => {
  const api = createServer().listen(0, "127.0.0.1");
  t.after(() => api.close());
  await once(api, "listening");
  const service = await start(t, { env: { API_URL: `http://127.0.0.1:${api.address().port}` } });
  const socket = await open(service.port);
  await send(socket, "/api");
  await once(api, "connection");
  service.child.kill("SIGTERM");
  assert.match(await rest(socket), /^HTTP\/1\.1 200 OK.*the api does not answer$/s);
  assert.deepEqual(await service.ended, [0, null]);
});

test("connections without a whole request hold nothing up", BY_THEN, async (t) => {
  const service = await start(t);
  const idle = await open(service.port);
  const half = await open(service.port);
  half.write("GET / HTTP/1.1\r\nHo");
  service.child.kill("SIGTERM");
  for (const socket of [idle, half]) await rest(socket).catch(({ code }) => assert.equal(code, "ECONNRESET"));
  assert.deepEqual(await service.ended, [0, null]);
});

test("client that goes away holds nothing up", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  await send(socket, "/held", "/held");
  await service.got("/held");
  service.child.kill("SIGTERM");
  await service.said("stopping");
  socket.destroy();
  assert.deepEqual(await service.ended, [0, null]);
});

test("it gives up at its limit, and says so", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  socket.on("error", () => {}); // that is what giving up means
  await send(socket, "/held");
  await service.got("/held");
  service.child.kill("SIGTERM");
  await service.said("stopping");
  service.child.send("limit");
  const { drain_seconds, in_flight } = await service.said("gave up stopping gracefully");
  assert.deepEqual({ drain_seconds, in_flight }, { drain_seconds: 20, in_flight: 1 });
  assert.deepEqual(await service.ended, [1, null]);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} before it listens ends it`, BY_THEN, async (t) => {
    const service = await start(t, { listening: false });
    service.child.kill(signal);
    assert.equal((await service.said("stopping")).signal, signal);
    assert.deepEqual(await service.ended, [0, null]);
  });
}

test("second signal cuts nothing off", BY_THEN, async (t) => {
  const service = await start(t);
  const socket = await open(service.port);
  await send(socket, "/held");
  await service.got("/held");
  service.child.kill("SIGTERM");
  await service.said("stopping");
  service.child.kill("SIGTERM");
  service.child.kill("SIGINT");
  await finishes(service, socket);
});
