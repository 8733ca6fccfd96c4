// What the parts of a start cost, each in a process of its own that does nothing else.
import { fileURLToPath } from "node:url";
import { inTurns, pairedMedian } from "./measure.mjs";
import { encryptTool, NODE } from "./programs.mjs";
import { fact } from "./table.mjs";

const PARTS = {
  "`--version`: the whole bundle": encryptTool(["--version"]),
  "the same without its code cache": { args: [bundle("bin.code"), "--version"] },
  "loading node:crypto": load("node:crypto"),
  "loading node:child_process": load("node:child_process"),
  "loading npm fernet, bundled": load(bundle("fernet")),
  "loading yaml, bundled": load(bundle("yaml")),
  "loading pino, bundled": load(bundle("pino")),
  "loading prompts, bundled": load(bundle("prompts")),
};

export function parts({ programs, rounds }) {
  const wall = inTurns(
    rounds,
    Object.fromEntries(
      Object.entries({ node: NODE, ...PARTS }).map(([name, command]) => [
        name,
        () => programs.time(command),
      ]),
    ),
  );
  return Object.keys(PARTS).map((name) =>
    fact(
      `${name}, beyond node`,
      pairedMedian([wall[name], wall.node], (a, b) => a - b),
      " ms",
    ),
  );
}

function load(module) {
  return { args: ["-e", `require(${JSON.stringify(module)})`] };
}

function bundle(name) {
  return fileURLToPath(new URL(`../packages/cli/dist/${name}.cjs`, import.meta.url));
}
