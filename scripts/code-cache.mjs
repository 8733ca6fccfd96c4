// Prepares the bundles of a package for a fast start: V8 gets what it compiled of them at an earlier
// run, and need not read them again. Run it in the package after bundle.mjs:
//   node ../../scripts/code-cache.mjs
// Each bundle NAME.cjs becomes NAME.code.cjs, NAME.VERSION-ARCH.cache and a NAME.cjs that runs the one
// with the other. A cache fits one version of Node; any other compiles the code as ever.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const dist = resolve("dist");

/** Runs NAME.code.cjs. It is read as text and never resolved, which spares another millisecond. */
function starter(name) {
  return `"use strict";
const { readFileSync } = require("node:fs");
const { Script } = require("node:vm");
const filename = \`\${__dirname}/${name}.code.cjs\`;
const read = (path, encoding) => {
  try {
    return readFileSync(path, encoding);
  } catch {
    return undefined;
  }
};
const cachedData = read(\`\${__dirname}/${name}.\${process.version}-\${process.arch}.cache\`);
const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
`;
}

const bundles = readdirSync(dist).filter((file) => /^[\w-]+\.cjs$/.test(file));
for (const file of bundles) {
  const name = file.slice(0, -".cjs".length);
  const code = readFileSync(join(dist, file), "latin1");
  if (/[^\0-\x7f]/.test(code)) throw new Error(`${file} is not ASCII`);
  renameSync(join(dist, file), join(dist, `${name}.code.cjs`));
  const wrapper = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  writeFileSync(join(dist, `${name}.code.cjs`), wrapper);
  writeFileSync(join(dist, file), starter(name));
}

// A directory of its own, with a home in it: the commands that are run there write files.
const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-build-"));
try {
  const { PROXMOX_MCP_CONFIG: _, ...env } = process.env;
  const { status, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL("warm-up.cjs", import.meta.url)), dist],
    { cwd: directory, env: { ...env, HOME: directory, USERPROFILE: directory }, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the commands that fill the code cache failed:\n${stderr}`);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
