import { readFileSync } from "node:fs";

import { DRAIN_SECONDS } from "./stop.js";

const DEFAULT_PORT = 10_000; // what Render expects of a web service that says nothing
const DEFAULT_VERSION_FILE = "/app/version.json";
const VERSION_KEYS = ["sha", "short_sha", "describe", "built_at", "uv_lock_sha", "pnpm_lock_sha"];

/** A setting without which the service must not start. The message alone says what to mend. */
export class SettingError extends Error {}

/**
 * @typedef {object} Settings
 * @property {number} port
 * @property {number} drainSeconds  how long requests in flight may take once it is stopped
 * @property {Record<string, string>} version  what the image was built from, as in version.json
 * @property {string} apiUrl  base address of the api, without a slash at its end
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
    drainSeconds: readDrainSeconds(env.DRAIN_SECONDS),
    version: readVersion(env.SPECTRAL_VERSION_FILE || DEFAULT_VERSION_FILE),
    apiUrl: readApiUrl(env.API_URL),
    ...readGeneration(env.SPECTRAL_GENERATION),
  };
}

function readPort(text) {
  return readUpTo(65_535, "PORT", text, DEFAULT_PORT);
}

/** It may be lowered, not raised: Render does not wait longer. */
function readDrainSeconds(text) {
  return readUpTo(DRAIN_SECONDS, "DRAIN_SECONDS", text, DRAIN_SECONDS);
}

function readUpTo(most, name, text, fallback) {
  if (text === undefined) return fallback;
  const number = readInteger(text);
  if (number >= 1 && number <= most) return number;
  throw new SettingError(`${name} is not an integer from 1 to ${most}`);
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

/** The value itself stays out of the message: there may be a password in it. */
function readApiUrl(text) {
  if (!text) throw new SettingError("API_URL is not set");
  // The parser alone would also take "http:api", blanks and line breaks.
  const url = /^https?:\/\/[^\s\\?#]+$/i.test(text) && URL.canParse(text) && new URL(text);
  if (url && !url.username && !url.password) return url.href.replace(/\/+$/, "");
  throw new SettingError("API_URL is not an http address");
}

/** Unlike the others, a bad generation does not stop the start: it is reported, never guessed. */
function readGeneration(text) {
  if (!text) return { generation: null, generation_problem: "SPECTRAL_GENERATION is not set" };
  // Up to 15 digits, as in the Python services: what every reader of the answer still holds exactly.
  if (/^\d{1,15}$/.test(text)) return { generation: Number(text) };
  // The value itself stays out of the message: whatever was pasted there may be a secret.
  return { generation: null, generation_problem: "SPECTRAL_GENERATION is not an integer" };
}

/** Digits only, so that "1e3", "0x10", " 7" and "-1" are refused; NaN when it is anything else. */
function readInteger(text) {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
