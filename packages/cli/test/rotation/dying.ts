/** Runs of the tool that die at a chosen moment, as by the OOM killer. */
import { join } from "node:path";
import type { Cli } from "../cli.ts";

/** Loaded ahead of the tool. After a file took its name, or lost it, nothing more happens. */
export const DIE: string = `
const fs = require("node:fs");
const { basename } = require("node:path");
const [call, name, count] = process.env.DIE_AFTER.split(" ");
let left = Number(count);
const original = fs[call];
fs[call] = (...paths) => {
  const result = original(...paths);
  if (basename(String(paths.at(-1))) === name && --left === 0) process.kill(process.pid, "SIGKILL");
  return result;
};
`;

/** The environment in which the tool dies right after it renamed something to a name, or deleted it. */
export function dyingAfter(
  cli: Cli,
  call: "renameSync" | "unlinkSync",
  name: string,
  count = 1,
): Readonly<Record<string, string>> {
  const program = join(cli.directory, "..", "die.cjs");
  cli.write(program, DIE);
  return { NODE_OPTIONS: `--require ${program}`, DIE_AFTER: `${call} ${name} ${count}` };
}
