/** Below Render's 30 s between SIGTERM and SIGKILL, so that giving up is still our own, logged end. */
const STOP_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 100;

/**
 * End the process on SIGTERM or SIGINT: requests in flight get their answers, then exit 0; exit 1 when
 * they do not within STOP_LIMIT_MS. Node as PID 1 has no default action for either signal.
 *
 * @param {import("fastify").FastifyInstance} app
 * @returns {AbortSignal}  aborted as soon as stopping has begun
 */
export function stopOnSignals(app) {
  const stopping = new AbortController();
  const requests = countRequests(app.server);

  async function stop(signal) {
    if (stopping.signal.aborted) return;
    stopping.abort();
    app.log.info({ signal }, "stopping");
    setTimeout(giveUp, STOP_LIMIT_MS);
    setInterval(closeUnused, LOOK_EVERY_MS);
    await app.close();
    app.log.info("stopped");
    process.exit(0);
  }

  // close() ends the connections that are idle after an answer, but waits for those that never sent a
  // whole request: a browser's spare connection would hold the process until the limit.
  function closeUnused() {
    if (requests.inFlight === 0) app.server.closeAllConnections();
  }

  function giveUp() {
    app.log.error({ limit_ms: STOP_LIMIT_MS, in_flight: requests.inFlight }, "gave up stopping gracefully");
    process.exit(1);
  }

  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return stopping.signal;
}

/** @param {import("node:http").Server} server */
function countRequests(server) {
  const requests = { inFlight: 0 };
  server.on("request", (request, response) => {
    requests.inFlight += 1;
    // "close" comes once, after the whole answer as well as after a client that went away.
    response.once("close", () => (requests.inFlight -= 1));
  });
  return requests;
}
