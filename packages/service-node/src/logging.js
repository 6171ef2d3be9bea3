import { LogController } from "fastify";

/** Fastify logs two lines for a request; one is enough to count and to time it. */
class OneLineForEachRequest extends LogController {
  incomingRequest() {}
  requestCompleted = logRequest;
}

/**
 * @param {Error | null} error  what broke the answer off, if anything did
 * @param {import("fastify").FastifyRequest} request
 * @param {import("fastify").FastifyReply} reply
 */
export function logRequest(error, request, reply) {
  const path = request.url.split("?", 1)[0]; // a query may carry what does not belong into a log
  const line = { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
  if (error) request.log.error({ ...line, err: error }, "request");
  else request.log.info(line, "request");
}

/**
 * The options by which Fastify logs JSON lines to stdout.
 *
 * @param {string} service
 */
export function logging(service) {
  return {
    logger: {
      // Pino's own stream writes in the background: at the exit, lines would change places.
      stream: process.stdout,
      base: { service },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    logController: new OneLineForEachRequest(),
  };
}
