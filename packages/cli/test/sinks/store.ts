/** Sinks as they are used: each a script, and a store behind it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import { type Cli, cleanEnvironment } from "../cli.ts";
import { KEY } from "../material.ts";
import { expectRotated, succeeds, words } from "../rotation/deployment.ts";

/** One of the sinks that are shipped, and what it needs. */
export interface SinkScript {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Programs that run it, with their arguments. */
  readonly through?: readonly string[];
}

// By bash: what is installed from npm is not executable.
function commandOf({ name, through = [] }: SinkScript): readonly string[] {
  return [...through, "bash", join(import.meta.dirname, "../../sinks", `${name}.sh`)];
}

/** Runs a sink by itself: to store a text, or with `--read` to print what is stored. */
export function runSink(
  cli: Cli,
  sink: SinkScript,
  input: string,
  args: readonly string[] = [],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [program = "", ...rest] = [...commandOf(sink), ...args];
  return spawnSync(program, rest, {
    input,
    encoding: "utf8",
    env: { ...cleanEnvironment(cli.home), ...sink.env },
  });
}

/** The words of the key text that a sink has stored. */
export function storedAt(cli: Cli, sink: SinkScript): readonly string[] {
  const { status, stdout, stderr } = runSink(cli, sink, "", ["--read"]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return words(stdout);
}

/** The flags with which a rotation uses a sink, and reads it back. */
export function flagsOf(sink: SinkScript): readonly string[] {
  const command = commandOf(sink).join(" ");
  return ["--new-key-sink", command, "--sink-verify", `${command} --read`];
}

/** The environment of a run whose key is read from the store itself. */
export function environmentOf(sink: SinkScript): Readonly<Record<string, string>> {
  const command = [...commandOf(sink), "--read"].join(" ");
  return { ...sink.env, PROXMOX_MCP_MASTER_KEY_COMMAND: command };
}

/** Takes a deployment whose key a sink has stored through a whole rotation. @returns the new key. */
export async function rotateWith(cli: Cli, sink: SinkScript): Promise<string> {
  const env = environmentOf(sink);
  const flags = flagsOf(sink);
  expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 0, stdout: "" });
  expect(storedAt(cli, sink)).toEqual([KEY]);

  await succeeds(cli, ["prepare-key", ...flags], env);
  const [, next = ""] = storedAt(cli, sink);
  const fresh = next.replace(/^next:/, "");
  expect(storedAt(cli, sink)).toEqual([KEY, `next:${fresh}`]);

  await succeeds(cli, ["rotate-key-all", ".", ...flags], env);
  expect(storedAt(cli, sink)).toEqual([fresh, KEY]);
  await expectRotated(cli, `${fresh}\n${KEY}`);

  await succeeds(cli, ["retire-key", ".", "--delete-backups", "--yes", ...flags], env);
  expect(storedAt(cli, sink)).toEqual([fresh]);
  await expectRotated(cli, fresh);
  return fresh;
}
