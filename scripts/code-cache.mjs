// Prepares the bundles of a package for a fast start: V8 gets what it compiled of them at an earlier
// run, and need not read them again. Run it in the package after bundle.mjs:
//   node ../../scripts/code-cache.mjs
// Each bundle NAME.cjs becomes NAME.HASH.code.cjs, NAME.HASH.VERSION-ARCH.cache and a NAME.cjs that
// runs the one with the other, and those of the bundles that it loads. V8 itself only checks that a cache fits its version and the length of
// the code. So the hash of the code is in both names, and a cache that is older than its code is left
// alone: after half an update, or a change by hand, no old code runs. A cache fits one version of Node;
// any other compiles the code as ever.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const dist = resolve("dist");

/**
 * Runs the code, and the code of other bundles that it asks for. All is read as text and never resolved,
 * which spares a millisecond for each file.
 */
function starter(name, codes) {
  return `"use strict";
const { readFileSync, statSync } = require("node:fs");
const { Script } = require("node:vm");
const codes = ${JSON.stringify(codes)};
const loaded = { __proto__: null };
const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const load = Object.assign((id) => {
  if (!Object.hasOwn(codes, id)) return require(id);
  if (loaded[id]) return loaded[id].exports;
  const filename = \`\${__dirname}/\${codes[id]}.code.cjs\`;
  const cache = \`\${__dirname}/\${codes[id]}.\${process.version}-\${process.arch}.cache\`;
  const cachedData = changedAt(cache) >= changedAt(filename) ? readFileSync(cache) : undefined;
  const script = new Script(readFileSync(filename).toString("latin1"), { filename, cachedData });
  const own = (loaded[id] = { exports: {} });
  script.runInThisContext()(own.exports, load, own, filename, __dirname);
  return own.exports;
}, require);
module.exports = load("./${name}.cjs");
`;
}

/** What a client of the server sends first, and a call; the commands read no input. */
function requests() {
  const clientInfo = { name: "code-cache", version: "1" };
  const messages = [
    {
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
    },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/list" },
    { id: 3, method: "tools/call", params: { name: "get_vms", arguments: {} } },
  ];
  return messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join("");
}

const bundles = readdirSync(dist).filter((file) => /^[\w-]+\.cjs$/.test(file));
const codes = {};
for (const file of bundles) {
  const name = file.slice(0, -".cjs".length);
  const code = readFileSync(join(dist, file), "latin1");
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${file} is not ASCII`);
  // The first words say that it is CommonJS: publint cuts what it takes for comments out of long lines,
  // and would not find out in what is left.
  const wrapper = `(function (exports, require, module, __filename, __dirname) {void module.exports;${code}\n})`;
  const hash = createHash("sha256").update(wrapper).digest("hex").slice(0, 16);
  writeFileSync(join(dist, `${name}.${hash}.code.cjs`), wrapper);
  codes[`./${file}`] = `${name}.${hash}`;
}
for (const file of bundles) {
  writeFileSync(join(dist, file), starter(file.slice(0, -".cjs".length), codes));
}

// A directory of its own, with a home in it: the commands that are run there write files.
const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-build-"));
try {
  const { PROXMOX_MCP_CONFIG: _, ...env } = process.env;
  const { status, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL("warm-up.cjs", import.meta.url)), dist],
    {
      cwd: directory,
      env: { ...env, HOME: directory, USERPROFILE: directory },
      encoding: "utf8",
      input: requests(),
    },
  );
  if (status !== 0) throw new Error(`the commands that fill the code cache failed:\n${stderr}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

// V8 refuses a cache without a word, and then every start takes twice as long.
for (const file of readdirSync(dist).filter((name) => name.endsWith(".cache"))) {
  const [name, hash] = file.split(".");
  const { cachedDataRejected } = new Script(
    readFileSync(join(dist, `${name}.${hash}.code.cjs`), "latin1"),
    { cachedData: readFileSync(join(dist, file)) },
  );
  if (cachedDataRejected) throw new Error(`V8 refuses the code cache ${file}`);
}
