/** What stands behind the options: how each value is read, and what is refused. */
import type { DocumentFormat, Rename } from "@proxmox-mcp/crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./duration.ts";
import type { CommonFlags } from "./invocation.ts";

const FORMATS: Readonly<Record<string, DocumentFormat>> = {
  json: "json",
  yaml: "yaml",
  env: "dotenv",
};

/** The flags that every command takes. */
export function common(command: Command): CommonFlags {
  const flags = command.optsWithGlobals();
  return { ...flags, json: flags["json"] === true, debug: flags["debug"] === true };
}

/** `--format`. */
export function formatOption(): Option {
  return new Option(
    "--format <format>",
    "json, yaml or env, where the file's name does not say",
  ).argParser((name): DocumentFormat => {
    const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    if (format === undefined)
      throw new InvalidArgumentError("Allowed choices are json, yaml, env.");
    return format;
  });
}

/** `--keyring`. The account follows it after `=` alone, and the help must say so. */
export function keyringOption(): Option {
  const text = "keep the master key in an entry of the system's keyring";
  const option = new Option("--keyring [account]", text).argParser(path);
  return Object.assign(option, { flags: "--keyring[=account]" });
}

/** For options that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** `OLD=NEW`, repeatable. */
export function collectRename(value: string, previous: readonly Rename[] = []): readonly Rename[] {
  const [from, to, ...rest] = value.split("=");
  if (from === undefined || from === "" || to === undefined || to === "" || rest.length > 0) {
    throw new InvalidArgumentError("Write OLD=NEW, for example /auth/secret=/auth/token_value.");
  }
  return [...previous, { from, to }];
}

/** A path. A variable that is not set, in a script, gives an empty argument. */
export function path(value: string): string {
  if (value === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

/** A whole number from 1. */
export function count(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Write a whole number.");
  return Number(value);
}

/** Milliseconds. */
export function duration(value: string): number {
  const milliseconds = parseDuration(value);
  if (milliseconds === undefined)
    throw new InvalidArgumentError("Write a number and a unit: 90d, 12h, 30m, 45s, 8w.");
  return milliseconds;
}

/** The stamp of a backup. */
export function stamp(value: string): string {
  if (!/^\d{8}_\d{6}$/.test(value)) throw new InvalidArgumentError("Write YYYYMMDD_HHMMSS.");
  return value;
}
