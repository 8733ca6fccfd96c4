// Runs each bundle of a dist directory through what people do with it, in one process, and writes what
// V8 compiled on the way into the bundles' code caches. Started by code-cache.mjs in a scratch
// directory:
//   node warm-up.cjs DIST
"use strict";
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

const dist = process.argv[2];
const CONFIG = {
  proxmox: { host: "pve.example" },
  auth: { user: "mcp@pve", token_name: "mcp", token_value: "example-token-value" },
};
const RUNS = {
  bin: [
    ["status", "config.json", "--table"],
    ["generate-key"],
    ["encrypt", "config.json"],
    ["status", "config.encrypted.json", "--table"],
    ["status", "config.encrypted.json", "--json"],
    ["decrypt", "config.encrypted.json", "--field", "/auth/token_value"],
    ["decrypt", "config.encrypted.json"],
    ["set", "config.encrypted.json", "/auth/token_value", "--generate", "uuid"],
    ["encrypt", "config.yaml"],
    ["scan", "config.json"],
    ["rotate-key", "config.encrypted.json", "--yes"],
    ["backups", "list", "."],
  ],
  main: [["--version"], ["config.json", "--test-mode"]],
  health: [
    ["--test", "config.json"],
    ["--test", "config.yaml", "--json"],
  ],
  online: [
    ["test-connection", "-v", "--test-mode"],
    ["--test", "--online", "--test-mode", "config.json"],
  ],
  audit: [
    ["audit", "--help"],
    ["audit", "tail", "config.yaml"],
  ],
};

// V8 writes its flags into a cache and refuses the cache where they differ: what a command sets for
// itself must not be among them.
require("node:v8").setFlagsFromString = () => undefined;

// A server ends its process; this one goes on with the next run.
process.exit = () => {};

const scripts = new Map();

/** NAME.HASH, by name. */
const codes = new Map(
  readdirSync(dist)
    .filter((file) => file.endsWith(".code.cjs"))
    .map((file) => [file.split(".")[0], file.slice(0, -".code.cjs".length)]),
);

function run(name) {
  const filename = `${dist}/${codes.get(name)}.code.cjs`;
  const script = scripts.get(name) ?? new Script(readFileSync(filename, "latin1"), { filename });
  scripts.set(name, script);
  const module = { exports: {} };
  const load = (id) => (id.startsWith("./") ? run(id.slice(2, -".cjs".length)) : require(id));
  script.runInThisContext()(module.exports, load, module, filename, dist);
  return module.exports;
}

const text = JSON.stringify(CONFIG);
writeFileSync("config.json", text);
writeFileSync("config.yaml", text);

const waiting = Object.entries(RUNS)
  .filter(([name]) => codes.has(name))
  .flatMap(([name, runs]) => runs.map((argv) => ({ name, argv })));

// Every run ends when nothing is left to do; then comes the next one.
process.on("beforeExit", () => {
  if (process.exitCode) return;
  const next = waiting.shift();
  if (next === undefined) writeCaches();
  else setImmediate(start, next);
});

function start({ name, argv }) {
  process.argv = [process.execPath, name, ...argv];
  run(name);
}

function writeCaches() {
  for (const [name, script] of scripts) {
    const cache = `${dist}/${codes.get(name)}.${process.version}-${process.arch}.cache`;
    writeFileSync(cache, script.createCachedData());
  }
}
