// What the services ask of the api. No import, so that the tests need nothing installed.

/** Of a healthy api, any answer takes milliseconds; a person and a health check wait this long. */
export const PATIENCE_MS = 2_000;
const BODY_LIMIT = 256 * 1024;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The api failed us. The message may be shown to anyone; nothing in it names an address. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {object} [more]
   * @param {number} [more.statusCode]  what a gateway answers in its place
   * @param {string} [more.reason]  code or name of the error behind it, for the log
   */
  constructor(message, { statusCode = 502, reason } = {}) {
    super(message);
    this.statusCode = statusCode;
    this.reason = reason;
  }
}

/**
 * Resolves when the api says that it is alive.
 *
 * @param {string} apiUrl
 * @throws {ApiError}
 */
export async function askHealth(apiUrl) {
  await ask(`${apiUrl}/healthz`, (answer) => answer.body?.cancel());
}

/**
 * @typedef {object} Deployment
 * @property {number} generation
 * @property {string} short_sha
 * @property {string | null} tag
 * @property {string[]} services
 * @property {string} created_at  ISO 8601
 */

/**
 * @param {string} apiUrl
 * @returns {Promise<Deployment[]>}  as the api has them, the newest first
 * @throws {ApiError}
 */
export async function askDeployments(apiUrl) {
  const { deployments } = parse(await ask(`${apiUrl}/deployments`, readText)) ?? {};
  if (Array.isArray(deployments) && deployments.every(isDeployment)) return deployments.map(onlyKnownFields);
  throw new ApiError("the api answers with something else than deployments");
}

/**
 * What `read` makes of the answer with status 200, all of it within PATIENCE_MS.
 *
 * @template T
 * @param {string} url
 * @param {(answer: Response) => T | Promise<T>} read
 */
async function ask(url, read) {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 200) return await read(answer);
    await answer.body?.cancel();
    throw new ApiError(`the api answers with status ${answer.status}`);
  } catch (error) {
    throw error instanceof ApiError ? error : noAnswer(error);
  }
}

/** Only the error's code or name goes on: its message has the address. */
function noAnswer(error) {
  return new ApiError("the api does not answer", {
    statusCode: error.name === "TimeoutError" ? 504 : 502,
    reason: error.cause?.code ?? error.name,
  });
}

async function readText(answer) {
  const chunks = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > BODY_LIMIT) throw new ApiError("the api answers with too much");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("the api answers with something else than JSON");
  }
}

function isDeployment(one) {
  return (
    Number.isSafeInteger(one?.generation) &&
    isText(one.short_sha) &&
    (one.tag === null || isText(one.tag)) &&
    Array.isArray(one.services) &&
    one.services.every(isText) &&
    isText(one.created_at) &&
    TIME.test(one.created_at) &&
    !Number.isNaN(Date.parse(one.created_at))
  );
}

function isText(value) {
  return typeof value === "string";
}

function onlyKnownFields({ generation, short_sha, tag, services, created_at }) {
  return { generation, short_sha, tag, services, created_at };
}
