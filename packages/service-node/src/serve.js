import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import fastifyStatic from "@fastify/static";
import Fastify from "fastify";

import { answerError, answerNotFound, answerUnreadable, answerUnroutable, HEADERS, logApiError } from "./answers.js";
import { ApiError, askHealth } from "./api.js";
import { logging } from "./logging.js";
import { readSettings, SettingError } from "./settings.js";
import { DRAIN_SECONDS, stopOnSignals } from "./stop.js";

const ERROR_PAGE = "error.html";

/**
 * Run a service until a signal ends it.
 *
 * @param {object} what
 * @param {string} what.service  its name in logs and in /version
 * @param {URL} what.pages  the directory of its built pages
 * @param {(app: import("fastify").FastifyInstance, settings: import("./settings.js").Settings) => void} [what.routes]
 *     adds what this service alone answers
 */
export async function serve({ service, pages, routes }) {
  const app = Fastify({
    ...logging(service),
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    return503OnClosing: false, // what was sent before the signal is answered as ever
  });
  // First of all, so that a signal during the start is not lost.
  let drainSeconds = DRAIN_SECONDS;
  const stopping = stopOnSignals(app, () => drainSeconds);

  try {
    const settings = readSettings(process.env);
    ({ drainSeconds } = settings);
    app.decorate("errorPage", readErrorPage(pages));
    addRoutes(app, { service, pages, settings });
    routes?.(app, settings);
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

function readErrorPage(pages) {
  try {
    return readFileSync(new URL(ERROR_PAGE, pages), "utf8");
  } catch {
    throw new SettingError("the pages are not built");
  }
}

function addRoutes(app, { service, pages, settings }) {
  const { version, apiUrl, generation, generation_problem } = settings;

  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS);
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);

  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", (request, reply) => answerReady(apiUrl, request, reply));
  // An undefined generation_problem does not appear in the JSON.
  app.get("/version", async () => ({ service, short_sha: version.short_sha, generation, generation_problem }));
  app.register(fastifyStatic, {
    root: fileURLToPath(pages),
    setHeaders: keepHashedAssets,
    allowedPath: (path) => path !== `/${ERROR_PAGE}`, // a template, and no page of its own
  });
}

/** Unlike /healthz, for which a service is restarted, this depends on another one. */
async function answerReady(apiUrl, request, reply) {
  try {
    await askHealth(apiUrl);
    return { status: "ok" };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    logApiError(error, request);
    return reply.code(503).send({ status: "unavailable", problem: error.message });
  }
}

/** Vite puts a hash of the content into the names below /assets/: such a file never changes. */
function keepHashedAssets(reply) {
  if (reply.request.url.startsWith("/assets/")) reply.header("cache-control", "public, max-age=31536000, immutable");
}

function announce(app, { port, drainSeconds, version, generation, generation_problem }) {
  const { short_sha, sha, describe } = version;
  if (generation_problem) app.log.warn(generation_problem);
  app.log.info({ short_sha, sha, describe, generation, drain_seconds: drainSeconds, port }, "started");
}
