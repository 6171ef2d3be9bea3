import { once } from "node:events";
import { existsSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { fileURLToPath } from "node:url";

import fastifyStatic from "@fastify/static";
import Fastify from "fastify";

import { logging, logRequest } from "./logging.js";
import { readSettings, SettingError } from "./settings.js";
import { stopOnSignals } from "./stop.js";

const HEADERS = {
  "cache-control": "no-store", // the static files bring their own
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Run a service until a signal ends it.
 *
 * @param {object} what
 * @param {string} what.service  its name in logs and in /version
 * @param {URL} what.pages  the directory of its built pages
 */
export async function serve({ service, pages }) {
  const app = Fastify({ ...logging(service), frameworkErrors: answerUnroutable });
  // First of all, so that a signal during the start is not lost.
  const stopping = stopOnSignals(app);

  try {
    const settings = readSettings(process.env);
    if (!existsSync(new URL("index.html", pages))) throw new SettingError("the pages are not built");
    addRoutes(app, { service, pages, settings, stopping });
    await app.ready();
    if (stopping.aborted) return;
    // Not app.listen(), which logs a line for each network interface.
    app.server.listen({ port: settings.port, host: "0.0.0.0" });
    await once(app.server, "listening");
    if (stopping.aborted) return;
    announce(app, settings);
  } catch (error) {
    if (stopping.aborted) return;
    const expected = error instanceof SettingError || error.syscall === "listen";
    app.log.fatal(expected ? {} : { err: error }, error.message);
    process.exit(1);
  }
}

function addRoutes(app, { service, pages, settings, stopping }) {
  const { version, generation, generation_problem } = settings;

  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
  });
  app.addHook("onSend", async (request, reply) => {
    // Tells the client of a request in flight not to send its next one on this connection.
    if (stopping.aborted) reply.header("connection", "close");
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => refuse(reply, 404));

  app.get("/healthz", async () => ({ status: "ok" }));
  // An undefined generation_problem does not appear in the JSON.
  app.get("/version", async () => ({ service, short_sha: version.short_sha, generation, generation_problem }));
  app.register(fastifyStatic, { root: fileURLToPath(pages), setHeaders: keepHashedAssets });
}

/** Vite puts a hash of the content into the names below /assets/: such a file never changes. */
function keepHashedAssets(reply) {
  if (reply.request.url.startsWith("/assets/")) reply.header("cache-control", "public, max-age=31536000, immutable");
}

function announce(app, { port, version, generation, generation_problem }) {
  const { short_sha, sha, describe } = version;
  if (generation_problem) app.log.warn(generation_problem);
  app.log.info({ short_sha, sha, describe, generation, port }, "started");
}

/** The log gets the whole error, the client only the name of its status. */
function answerError(error, request, reply) {
  const status = error.statusCode >= 400 && error.statusCode < 600 ? error.statusCode : 500;
  if (status >= 500) request.log.error({ err: error }, "request failed");
  return refuse(reply, status);
}

/** An address that cannot even be parsed gets past the hooks, and so past the line for each request. */
function answerUnroutable(error, request, reply) {
  answerError(error, request, reply);
  logRequest(null, request, reply);
}

function refuse(reply, status) {
  return reply.code(status).headers(HEADERS).send({ error: STATUS_CODES[status] });
}
