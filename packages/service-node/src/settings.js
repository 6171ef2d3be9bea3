import { readFileSync } from "node:fs";

const DEFAULT_PORT = 10_000; // what Render expects of a web service that says nothing
const DEFAULT_VERSION_FILE = "/app/version.json";
const VERSION_KEYS = ["sha", "short_sha", "describe", "built_at", "uv_lock_sha", "pnpm_lock_sha"];

/** A setting without which the service must not start. The message alone says what to mend. */
export class SettingError extends Error {}

/**
 * @typedef {object} Settings
 * @property {number} port
 * @property {Record<string, string>} version  what the image was built from, as in version.json
 * @property {number | null} generation  null when the deployment did not state one
 * @property {string} [generation_problem]  why generation is null
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 */
export function readSettings(env) {
  return {
    port: readPort(env.PORT),
    version: readVersion(env.SPECTRAL_VERSION_FILE || DEFAULT_VERSION_FILE),
    ...readGeneration(env.SPECTRAL_GENERATION),
  };
}

function readPort(text) {
  if (text === undefined) return DEFAULT_PORT;
  const port = readInteger(text);
  if (port >= 1 && port <= 65_535) return port;
  throw new SettingError("PORT is not an integer from 1 to 65535");
}

function readVersion(file) {
  const version = readJson(file);
  const lacking = VERSION_KEYS.filter((key) => typeof version?.[key] !== "string" || version[key] === "");
  if (lacking.length === 0) return version;
  throw new SettingError(`version file ${file} lacks ${lacking.join(", ")}`);
}

function readJson(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingError(`version file ${file} cannot be read (${error.code})`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new SettingError(`version file ${file} is not JSON`);
  }
}

/** Unlike the others, a bad generation does not stop the start: it is reported, never guessed. */
function readGeneration(text) {
  if (!text) return { generation: null, generation_problem: "SPECTRAL_GENERATION is not set" };
  const generation = readInteger(text);
  if (Number.isSafeInteger(generation)) return { generation };
  // The value itself stays out of the message: whatever was pasted there may be a secret.
  return { generation: null, generation_problem: "SPECTRAL_GENERATION is not an integer" };
}

/** Digits only, so that "1e3", "0x10", " 7" and "-1" are refused; NaN when it is anything else. */
function readInteger(text) {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
