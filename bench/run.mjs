// Measures what docs/performance.md promises, and prints a table for each case. Needs a build.
//
//   node bench/run.mjs [--rounds N] [CASE ...]     CASE: see CASES
//
// What is compared runs in turns, within one run on one machine, and medians count. A goal that is
// missed is no failure: only a program that does not do its job ends this with an error.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { derivations } from "./derivations.mjs";
import { fernet } from "./fernet.mjs";
import { http } from "./http.mjs";
import { large } from "./large.mjs";
import { parts } from "./parts.mjs";
import { Programs } from "./programs.mjs";
import { rotation } from "./rotation.mjs";
import { server } from "./server.mjs";
import { startup } from "./startup.mjs";
import { formatTable } from "./table.mjs";

const CASES = { startup, parts, derivations, fernet, large, rotation, server, http };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "21" } },
});
const rounds = Number(values.rounds);
const chosen = positionals.length === 0 ? Object.keys(CASES) : positionals;
const unknown = chosen.filter((name) => !Object.hasOwn(CASES, name));
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`usage: node bench/run.mjs [--rounds N] [${Object.keys(CASES).join(" | ")}] ...`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, ${gibibytes(totalmem())} GiB`);
console.log(`${rounds} rounds\n`);

const directory = mkdtempSync(join(tmpdir(), "proxmox-mcp-bench-"));
try {
  const programs = new Programs(directory);
  for (const name of chosen) {
    console.log(`${formatTable(await CASES[name]({ programs, directory, rounds }))}\n`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

function gibibytes(bytes) {
  return (bytes / 2 ** 30).toFixed(0);
}
