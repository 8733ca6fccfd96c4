/** systemd, as far as the pages use it: it reads the units that we ship, and runs what they say. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { print, Refusal, rooted, WORLD } from "./place.ts";
import { type Command, isRunning, logOf, run, signal, start, stop } from "./service.ts";

const UNITS = join(WORLD, "etc/systemd/system");

export async function systemctl(argv: readonly string[]): Promise<number> {
  const options = argv.filter((word) => word.startsWith("--"));
  const [verb = "", ...units] = argv.filter((word) => !word.startsWith("--"));
  const names = units.map((unit) => unit.replace(/\.service$/, ""));
  for (const unit of units) mustExist(unit);
  switch (verb) {
    case "daemon-reload":
      return 0;
    case "enable":
      if (options.includes("--now")) for (const name of names) await begin(name);
      return 0;
    case "start":
      for (const name of names) await begin(name);
      return 0;
    case "restart":
      for (const name of names) {
        await stop(name);
        await begin(name);
      }
      return 0;
    case "reload":
      for (const name of names) signal(name, "SIGHUP");
      return 0;
    case "stop":
      for (const name of names) await stop(name);
      return 0;
    case "is-active": {
      const active = names.every(isRunning);
      print(`${active ? "active" : "failed"}\n`);
      return active ? 0 : 3;
    }
    default:
      throw new Error(`nobody plays systemctl ${verb}`);
  }
}

/** Only `-u NAME` and `-o cat`; `-n N` for the last lines. */
export function journalctl(argv: readonly string[]): number {
  const after = (flag: string) => argv[argv.indexOf(flag) + 1] ?? "";
  if (!argv.includes("-u") || after("-o") !== "cat")
    throw new Error("nobody plays this journalctl");
  const lines = logOf(after("-u")).trimEnd().split("\n");
  const count = argv.includes("-n") ? Number(after("-n")) : lines.length;
  print(`${lines.slice(-count).join("\n")}\n`);
  return 0;
}

/** `systemd-tmpfiles --create FILE`: directories alone. */
export function systemdTmpfiles(argv: readonly string[]): number {
  const text = readFileSync(join(WORLD, "usr/lib/tmpfiles.d", basename(argv.at(-1) ?? "")), "utf8");
  for (const [, path = "", mode = ""] of text.matchAll(/^d (\S+) (\d+) /gm))
    mkdirSync(rooted(path), { recursive: true, mode: Number.parseInt(mode, 8) });
  return 0;
}

/** `systemd-sysusers FILE`: whether it is there; users are not made. */
export function systemdSysusers(argv: readonly string[]): number {
  readFileSync(join(WORLD, "usr/lib/sysusers.d", basename(argv.at(-1) ?? "")));
  return 0;
}

function mustExist(unit: string): void {
  const file = /\.\w+$/.test(unit) ? unit : `${unit}.service`;
  if (!existsSync(join(UNITS, file))) throw new Refusal(`Unit ${file} could not be found.`);
}

async function begin(name: string): Promise<void> {
  if (name.endsWith(".timer") || isRunning(name)) return;
  const settings = settingsOf(name);
  const env = { ...credentials(name, settings), ...variables(settings) };
  const command = (line: string): Command => ({ argv: line.split(" "), env });
  const isOneshot = settings.get("Type")?.includes("oneshot") ?? false;
  for (const line of settings.get("ExecStartPre") ?? []) await must(name, command(line));
  for (const line of settings.get("ExecStart") ?? []) {
    if (isOneshot) await must(name, command(line));
    else start(name, command(line));
  }
}

async function must(name: string, command: Command): Promise<void> {
  const status = await run(name, command);
  if (status === 0) return;
  throw new Refusal(
    `Job for ${name}.service failed because the control process exited with error code.`,
  );
}

/** The unit with its drop-ins. An empty value takes back what stood there before. */
function settingsOf(name: string): ReadonlyMap<string, readonly string[]> {
  const extra = join(UNITS, `${name}.service.d`);
  const files = [
    join(UNITS, `${name}.service`),
    ...(existsSync(extra) ? readdirSync(extra).sort() : []).map((file) => join(extra, file)),
  ];
  const settings = new Map<string, readonly string[]>();
  for (const text of files.map((file) => readFileSync(file, "utf8"))) {
    for (const [, key = "", value = ""] of text.matchAll(/^([A-Z]\w+)=(.*)$/gm))
      settings.set(key, value === "" ? [] : [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

/** A copy that is made at the start, and never again. */
function credentials(
  name: string,
  settings: ReadonlyMap<string, readonly string[]>,
): Record<string, string> {
  const wanted = settings.get("LoadCredential") ?? [];
  if (wanted.length === 0) return {};
  const directory = join(WORLD, "state/credentials", name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [id = "", path = ""] of wanted.map((one) => one.split(":"))) {
    copyFileSync(rooted(path), join(directory, id));
  }
  return { CREDENTIALS_DIRECTORY: directory };
}

function variables(settings: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  const lines = (settings.get("EnvironmentFile") ?? []).flatMap((path) =>
    readFileSync(rooted(path), "utf8").split("\n"),
  );
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return key === "" ? [] : [[key, value.replace(/^"(.*)"$/, "$1")]];
    }),
  );
}
