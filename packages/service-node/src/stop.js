import { closeSync, openSync, readSync } from "node:fs";
import { Server } from "node:net";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";

/** Below Render's 30 s between SIGTERM and SIGKILL, so that giving up is still our own, logged end. */
export const DRAIN_SECONDS = 20;
/** As many connections as node lets the kernel keep for it. */
const BACKLOG = 511;
const LISTENING = "0A"; // in /proc/net/tcp
/** What a client sent before the signal is here by then, a proxy in between or not. */
const ON_THE_WAY_MS = 250;
const LOOK_EVERY_MS = 10;

/**
 * End the process on SIGTERM or SIGINT: requests that were sent before get their answers, then exit 0;
 * exit 1 when they do not in time. Node as PID 1 has no default action for either signal.
 *
 * @param {import("fastify").FastifyInstance} app
 * @param {() => number} [drainSeconds]  how long they may take, asked for when the signal has come
 * @returns {AbortSignal}  aborted as soon as stopping has begun
 */
export function stopOnSignals(app, drainSeconds = () => DRAIN_SECONDS) {
  const stopping = new AbortController();
  const connections = followConnections(app.server, stopping.signal);

  async function stop(signal) {
    if (stopping.signal.aborted) return;
    stopping.abort();
    const madeBefore = connections.accepted + countWaiting(app.server.address()?.port);
    app.log.info({ signal }, "stopping");
    setTimeout(giveUp, drainSeconds() * 1_000);
    await acceptUpTo(madeBefore);
    // Not the HTTP server's own close(), which ends each connection that seems idle: a request may lie
    // in the kernel, or the end of an answer may not have left yet.
    Server.prototype.close.call(app.server);
    await answerAll();
    app.server.closeAllConnections();
    await app.close();
    app.log.info("stopped");
    process.exit(0);
  }

  /** The kernel makes connections, and requests come on them, before node accepts them, one a turn. */
  async function acceptUpTo(madeBefore) {
    let before;
    do {
      before = connections.accepted;
      await turn(); // the rest of this turn of the event loop
      await turn(); // a whole one, in which the kernel is asked
    } while (connections.accepted > before && connections.accepted < madeBefore);
  }

  /** Nothing is waited for on a connection where no whole request comes: a browser's spare one, say. */
  async function answerAll() {
    const enough = performance.now() + ON_THE_WAY_MS;
    while (connections.open > 0 && (connections.inFlight > 0 || performance.now() < enough)) {
      await delay(LOOK_EVERY_MS);
    }
  }

  function giveUp() {
    app.log.error({ drain_seconds: drainSeconds(), in_flight: connections.inFlight }, "gave up stopping gracefully");
    process.exit(1);
  }

  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return stopping.signal;
}

/** How many connections to that port wait to be accepted; where the kernel does not say, all that may. */
function countWaiting(port) {
  for (const line of readListeners().split("\n")) {
    const [, local, , state, queues] = line.trim().split(/\s+/);
    if (state === LISTENING && parseInt(local.slice(-4), 16) === port) return parseInt(queues.slice(-8), 16);
  }
  return BACKLOG;
}

/** The head of the kernel's table of sockets, where the listening ones stand; all of it may take long. */
function readListeners() {
  const page = Buffer.alloc(4_096);
  let table;
  try {
    table = openSync("/proc/self/net/tcp");
    return page.toString("latin1", 0, readSync(table, page));
  } catch {
    return ""; // not on Linux
  } finally {
    if (table) closeSync(table);
  }
}

/**
 * Counts what is open, and lets each connection end with its last answer once `stopping` is aborted.
 *
 * @param {import("node:http").Server} server
 * @param {AbortSignal} stopping
 */
function followConnections(server, stopping) {
  /** By connection, the answers that are due on it, in the order of their requests. */
  const due = new Map();
  let accepted = 0;

  server.on("connection", (socket) => {
    accepted += 1;
    due.set(socket, new Set());
    socket.once("close", () => due.delete(socket));
  });
  // Before the handler, which may answer at once.
  server.prependListener("request", ({ socket }, response) => {
    const responses = due.get(socket);
    if (!responses) return; // it broke off meanwhile
    responses.add(response);
    response.once("close", () => responses.delete(response));
    if (stopping.aborted) endAfterLast(responses);
  });
  stopping.addEventListener("abort", () => due.forEach(endAfterLast));

  return {
    get accepted() {
      return accepted;
    },
    get open() {
      return due.size;
    },
    get inFlight() {
      return [...due.values()].reduce((sum, responses) => sum + responses.size, 0);
    },
  };
}

/** Tells the client not to send another request here; said too early, it would break off later answers. */
function endAfterLast(responses) {
  const last = [...responses].at(-1);
  for (const response of responses) {
    if (!response.headersSent) response.setHeader("connection", response === last ? "close" : "keep-alive");
  }
}
