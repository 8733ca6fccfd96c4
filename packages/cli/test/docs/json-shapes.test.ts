/** The table of JSON shapes in docs/cli.md, against what each command prints. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { BOUND, config, KEY, OTHER_KEY } from "../material.ts";

const PAGE = resolve(import.meta.dirname, "../../../../docs/cli.md");
const STAMP = "20240101_000000";
const FIELD = "/auth/token_value";

/** A row of the table. */
interface Row {
  readonly names: readonly string[];
  /** Those that may be missing. */
  readonly optional: readonly string[];
  /** Its last column. */
  readonly where: string;
}

const rows: readonly Row[] = tableRows();

/** Runs that together print every key of a command, also those that may be missing. */
const RUNS: Readonly<Record<string, readonly Run[]>> = {
  "generate-key": [given({}, "-o", "key"), given({}, "-o", "key", "--stdout")],
  encrypt: [
    given({ "config.json": config() }, "config.json"),
    given({ "config.json": config() }, "config.json", "-o", "-"),
  ],
  decrypt: [
    sealed("config.json"),
    sealed("config.json", "-o", "plain.json"),
    sealed("config.json", "--field", FIELD),
  ],
  set: [sealed("config.json", FIELD, "--generate", "uuid")],
  status: [sealed("config.json")],
  scan: [given({ "config.json": config() }, "config.json")],
  "rotate-key": [sealed("config.json", "--yes"), sealed("config.json", "--yes", "--stdout")],
  "rotate-key-all": [sealed(".", "--yes"), sealed(".", "--yes", "--stdout")],
  "rotate-key --resume": [sealed("config.json")],
  "rotate-key-all --abort": [sealed(".")],
  "prepare-key": [sealed()],
  "retire-key": [retiring(".", "--yes")],
  "backups list": [backedUp(".")],
  "backups verify": [backedUp(".")],
  "backups prune": [backedUp(".", "--older-than", "1d", "--yes")],
  "backups restore": [backedUp(`config.json.backup.${STAMP}`, "--yes")],
};

describe.each(Object.entries(RUNS))("%s --json", (command, runs) => {
  const documented = rows.filter(({ where }) => isFor(where, command));

  it("prints the keys of the table, and no others", async () => {
    const seen = new Set<string>();
    for (const run of runs) {
      const cli = createCli();
      const { status, stdout, stderr } = await cli.run([
        ...command.split(" "),
        ...run(cli),
        "--json",
      ]);
      const answer = JSON.parse(stdout);
      expect(answer, stderr).toMatchObject({ ok: true, exitStatus: status });
      const keys = Object.keys(answer);
      for (const key of keys) seen.add(key);
      expect(required(documented).filter((name) => !keys.includes(name))).toEqual([]);
    }
    expect([...seen].sort()).toEqual([...new Set(documented.flatMap(({ names }) => names))].sort());
  });
});

it("prints the keys of the table when it fails", async () => {
  const cli = createCli();
  const { stdout } = await cli.run(["encrypt", "absent.json", "--json"]);
  const failure = rows.filter(({ where }) => /^every (?:object|failure)/.test(where));
  expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(
    failure.flatMap(({ names }) => names).sort(),
  );
});

it("lists every command", () => {
  const named = rows.flatMap(({ where }) => [...where.matchAll(/`([a-z][a-z -]*)`/g)]);
  const commands = named
    .map(([, name = ""]) => name)
    .filter((name) => name !== "proxmox-mcp-encrypt");
  const known = Object.keys(RUNS);
  const unknown = commands.filter((name) => !known.some((run) => run.startsWith(name)));
  expect(unknown).toEqual([]);
});

type Run = (cli: Cli) => readonly string[];

function given(files: Readonly<Record<string, string>>, ...args: string[]): Run {
  return (cli) => {
    for (const [name, text] of Object.entries({ [cli.keyFile]: `${KEY}\n`, ...files }))
      cli.write(name, text, 0o600);
    return args;
  };
}

function sealed(...args: string[]): Run {
  return given({ "config.json": config(BOUND.token) }, ...args);
}

function retiring(...args: string[]): Run {
  return (cli) => {
    sealed()(cli);
    cli.write(cli.keyFile, `${KEY}\n${OTHER_KEY}\n`, 0o600);
    return args;
  };
}

function backedUp(...args: string[]): Run {
  return given({ [`config.json.backup.${STAMP}`]: config(BOUND.token) }, ...args);
}

function tableRows(): Row[] {
  const [, table = ""] = readFileSync(PAGE, "utf8").split("| key | type | in |\n|---|---|---|\n");
  const lines = table.slice(0, table.indexOf("\n\n")).split("\n");
  return lines.map((line) => {
    const cells = line.split("|").slice(1, -1);
    const [first = "", where = ""] = [cells.at(0), cells.at(-1)];
    const keys = [...first.matchAll(/`([^`]+)`/g)].map(([, key = ""]) => key);
    const optional = keys.filter((key) => key.endsWith("?")).map((key) => key.slice(0, -1));
    return { names: keys.map((key) => key.replace("?", "")), optional, where: where.trim() };
  });
}

/** Whether a row is about the successes of a command. */
function isFor(where: string, command: string): boolean {
  if (where.startsWith("every")) return !where.startsWith("every failure");
  const [name = "", wish] = command.split(" --");
  const isNamed = where.includes(`\`${name}\``) || where.includes(`\`${name.split(" ")[0]}\``);
  const isClosing = where.includes("`--resume`");
  return isNamed && (wish === undefined ? !isClosing || where.includes("also with") : isClosing);
}

function required(documented: readonly Row[]): string[] {
  return documented.flatMap(({ names, optional }) =>
    names.filter((name) => !optional.includes(name)),
  );
}
