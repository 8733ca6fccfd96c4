/** Pastes the commands that a run prints for people to copy: a shell runs each, as it was printed. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { BINARY, type Cli, type Outcome } from "../cli.ts";

const SERVER = fileURLToPath(
  new URL("../../../server/bin/proxmox-mcp-server.cjs", import.meta.url),
);
export const CHECK = "proxmox-mcp-server --test";
export const STATUS = "proxmox-mcp-encrypt status";

/** The commands of a program that stand in a text, each up to the end of its line or sentence. */
export function allPrinted(text: string, start: string): readonly string[] {
  const found = text.split("\n").filter((line) => line.includes(start));
  return found.map((line) => line.slice(line.indexOf(start)).replace(/\.$/, ""));
}

/** The same, where there is one. */
export function printed(text: string, start: string): string {
  const found = allPrinted(text, start);
  expect(found).toHaveLength(1);
  return found[0] ?? "";
}

/** The checks that stand in a text: so many, of which each works. */
export async function checksWork(
  cli: Cli,
  text: string,
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const lines = allPrinted(text, CHECK);
  expect(new Set(lines).size).toBe(count);
  expect(lines).toHaveLength(count);
  for (const line of lines) await works(cli, line, env);
}

/** Runs a line as whoever copies it, in the directory of the run, with both programs at hand. */
async function paste(
  cli: Cli,
  line: string,
  env: Readonly<Record<string, string>>,
  shell: string,
): Promise<Outcome> {
  const bin = join(cli.directory, "..", "bin");
  for (const [name, binary] of [
    ["proxmox-mcp-encrypt", BINARY],
    ["proxmox-mcp-server", SERVER],
  ] as const) {
    cli.write(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
  return cli.run([], { through: [shell, "-c", line], env: { ...env, PATH } });
}

/** Pastes a line, which does what it says. */
export async function works(
  cli: Cli,
  line: string,
  env: Readonly<Record<string, string>> = {},
  shell = "sh",
): Promise<Outcome> {
  const outcome = await paste(cli, line, env, shell);
  expect(outcome.status, `${line}\n${outcome.stderr}${outcome.stdout}`).toBe(0);
  return outcome;
}
