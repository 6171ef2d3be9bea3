// What the environment says is taken as it is, or refused; nothing is guessed.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { readSettings, SettingError } from "../src/settings.js";

const VERSION = {
  sha: "0123456789abcdef0123456789abcdef01234567",
  short_sha: "0123456789ab",
  describe: "v1",
  built_at: "2026-01-02T03:04:05Z",
  uv_lock_sha: "a".repeat(64),
  pnpm_lock_sha: "b".repeat(64),
};
const SECRET = "postgres://user:hunter2@host/database";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A version file with that text, or with the JSON of what is no text. */
function versionFile(content) {
  const file = join(folder, `version-${(files += 1)}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const GOOD_FILE = versionFile(VERSION);

function read(env) {
  return readSettings({ SPECTRAL_VERSION_FILE: GOOD_FILE, API_URL: "http://api", ...env });
}

function assertRefused(env, message) {
  assert.throws(
    () => read(env),
    (error) => {
      assert.equal(error.constructor, SettingError);
      assert.equal(error.message, message);
      return true;
    },
  );
}

const shown = (value) => JSON.stringify(value).slice(0, 40);

// The port

test("port is Render's when none is given", () => {
  assert.equal(read({}).port, 10_000);
});

for (const [text, port] of [
  ["1", 1],
  ["80", 80],
  ["0080", 80],
  ["65535", 65_535],
]) {
  test(`port ${text} is taken`, () => assert.equal(read({ PORT: text }).port, port));
}

for (const text of [
  ...["", "0", "-1", "+80", "65536", "99999999999999999999", "80.0", "8e1", "0x50", " 80", "80 ", "80\n", "8_0"],
  ...["http", "٨٠", "80,81", "null", SECRET],
]) {
  test(`port ${shown(text)} is refused without its value`, () => {
    assertRefused({ PORT: text }, "PORT is not an integer from 1 to 65535");
  });
}

// The version

test("version is what the file says", () => {
  assert.deepEqual(read({}).version, VERSION);
});

for (const value of [undefined, ""]) {
  test(`version file lies beside the app when ${shown(value ?? null)} is named`, () => {
    assertRefused({ SPECTRAL_VERSION_FILE: value }, "version file /app/version.json cannot be read (ENOENT)");
  });
}

test("missing version file is named", () => {
  const file = join(folder, "missing.json");
  assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} cannot be read (ENOENT)`);
});

test("folder in place of the version file is named", () => {
  const file = join(folder, "folder.json");
  mkdirSync(file);
  assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} cannot be read (EISDIR)`);
});

for (const content of ["", "{", "{}}", "v1", "{'sha': 1}", '{"sha": "a"', "undefined", "password=hunter2"]) {
  test(`version file with ${shown(content)} is not JSON`, () => {
    const file = versionFile(content);
    assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} is not JSON`);
  });
}

for (const content of ["{}", "[]", "null", "1", "true", '"v1"', JSON.stringify([VERSION])]) {
  test(`version file with ${shown(content)} lacks everything`, () => {
    const file = versionFile(content);
    const all = "sha, short_sha, describe, built_at, uv_lock_sha, pnpm_lock_sha";
    assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} lacks ${all}`);
  });
}

for (const key of Object.keys(VERSION)) {
  test(`version file without ${key} is refused`, () => {
    const file = versionFile({ ...VERSION, [key]: undefined });
    assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} lacks ${key}`);
  });
}

for (const value of [null, "", 1, true, [], ["v1"], {}]) {
  test(`version field that is ${shown(value)} is no text`, () => {
    const file = versionFile({ ...VERSION, describe: value });
    assertRefused({ SPECTRAL_VERSION_FILE: file }, `version file ${file} lacks describe`);
  });
}

// The drain

for (const [text, seconds] of [
  [undefined, 20],
  ["1", 1],
  ["20", 20],
]) {
  test(`drain ${shown(text ?? null)} is taken`, () => assert.equal(read({ DRAIN_SECONDS: text }).drainSeconds, seconds));
}

for (const text of ["", "0", "21", "-1", "1.5", "1e1", " 1", "soon"]) {
  test(`drain ${shown(text)} is refused`, () => {
    assertRefused({ DRAIN_SECONDS: text }, "DRAIN_SECONDS is not an integer from 1 to 20");
  });
}

// The api

for (const [text, url] of [
  ["http://api", "http://api"],
  ["http://api:10000", "http://api:10000"],
  ["http://api:10000/", "http://api:10000"],
  ["https://api.example.org/base//", "https://api.example.org/base"],
  ["HTTP://API:80", "http://api"],
  ["http://[::1]:8080", "http://[::1]:8080"],
]) {
  test(`api is at ${text}`, () => assert.equal(read({ API_URL: text }).apiUrl, url));
}

for (const text of [undefined, ""]) {
  test(`api ${shown(text ?? null)} is reported as missing`, () => {
    assertRefused({ API_URL: text }, "API_URL is not set");
  });
}

for (const text of [
  ...["api", "api:10000", "//api", "/api", "http", "http:", "http:api", "http:/api", "http://", "http:///"],
  ...["ftp://api", "file:///etc/passwd", "javascript:1", "http://:80", "http://api:0x50", "http://api:65536"],
  ...["http://a b", "http://a%"],
  ...[" http://api", "http://api ", "http://api\n", "ht\ntp://api", "http:\\\\api", "http://api\\x"],
  ...["http://user@api", "http://user:hunter2@api", "http://:hunter2@api", "http://api?", "http://api?key=hunter2"],
  ...["http://api#", "http://api/#x", "null", SECRET],
]) {
  test(`api ${shown(text)} is refused without its value`, () => {
    assertRefused({ API_URL: text }, "API_URL is not an http address");
  });
}

// The generation

for (const [text, generation] of [
  ["0", 0],
  ["7", 7],
  ["007", 7],
  ["999999999999999", 999_999_999_999_999],
]) {
  test(`generation ${text} is taken`, () => {
    const { port, drainSeconds, version, apiUrl, ...rest } = read({ SPECTRAL_GENERATION: text });
    assert.deepEqual(rest, { generation });
  });
}

for (const text of [
  ...["-1", "+1", "1.0", "1e3", "0x10", "1_000", "1,000", " 7", "7 ", "7\n", " ", "seven", "null", "v7"],
  ...["NaN", "Infinity", "9".repeat(16), "9".repeat(400), "٧", "７", "²", "7\u200b", SECRET],
]) {
  test(`generation ${shown(text)} is reported without its value`, () => {
    const { port, drainSeconds, version, apiUrl, ...rest } = read({ SPECTRAL_GENERATION: text });
    assert.deepEqual(rest, { generation: null, generation_problem: "SPECTRAL_GENERATION is not an integer" });
  });
}

for (const text of [undefined, ""]) {
  test(`generation ${shown(text ?? null)} is reported as missing`, () => {
    const { port, drainSeconds, version, apiUrl, ...rest } = read({ SPECTRAL_GENERATION: text });
    assert.deepEqual(rest, { generation: null, generation_problem: "SPECTRAL_GENERATION is not set" });
  });
}
