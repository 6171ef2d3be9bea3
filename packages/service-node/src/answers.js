import { STATUS_CODES } from "node:http";

import { ApiError } from "./api.js";
import { logRequest } from "./logging.js";

/** None of our pages needs any of these; there is no word for all of them. */
const UNUSED_FEATURES = [
  ...["accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"],
  ...["gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"],
  ...["publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"],
];

/** On every answer, whatever it says. */
export const HEADERS = {
  "cache-control": "no-store", // the static files bring their own
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": UNUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000", // Render ends the TLS, and passes this on
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Of the errors that the HTTP parser raises, those that are not simply a bad request. */
const PARSER_STATUS = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431, HPE_CHUNK_EXTENSIONS_OVERFLOW: 413 };

/** The log gets the whole error, the client only the name of its status. */
export function answerError(error, request, reply) {
  const status = error.statusCode >= 400 && error.statusCode < 600 ? error.statusCode : 500;
  if (error instanceof ApiError) logApiError(error, request);
  else if (status >= 500) request.log.error({ err: error }, "request failed");
  return refuse(request, reply, status);
}

export function answerNotFound(request, reply) {
  return refuse(request, reply, 404);
}

/** An address that cannot even be parsed gets past the hooks, and so past the line for each request. */
export function answerUnroutable(error, request, reply) {
  answerError(error, request, reply);
  logRequest(null, request, reply);
}

/** @param {ApiError} error */
export function logApiError({ message, reason }, request) {
  request.log.warn({ reason }, message);
}

/** What is not even HTTP never becomes a request; it gets its answer on the bare connection. */
export function answerUnreadable(error, socket) {
  if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
  const status = PARSER_STATUS[error.code] ?? 400;
  const body = JSON.stringify({ error: STATUS_CODES[status] });
  const own = { "content-type": "application/json", "content-length": body.length, connection: "close" };
  const lines = Object.entries({ ...HEADERS, ...own }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`);
}

/** A person gets a page, everything else JSON. */
function refuse(request, reply, status) {
  reply.code(status).headers(HEADERS);
  if (!request.headers.accept?.includes("text/html")) return reply.send({ error: STATUS_CODES[status] });
  return reply.type("text/html; charset=utf-8").send(errorPage(reply.server.errorPage, status));
}

/** @param {string} template  with {{status}}, {{title}} and {{words}} in it */
function errorPage(template, status) {
  const values = { status, title: STATUS_CODES[status], words: inPlainWords(status) };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
}

function inPlainWords(status) {
  if (status === 404) return "There is no page at this address.";
  if (status === 502 || status === 504) return "A part of Spectral does not answer. Please try again in a moment.";
  if (status < 500) return "Spectral cannot do anything with this request.";
  return "Something went wrong on our side. Please try again in a moment.";
}
