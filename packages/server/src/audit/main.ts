/** The entry point of `proxmox-mcp-server audit`, in a bundle of its own. */
import { setTimeout } from "node:timers/promises";
import { STDERR, STDOUT, writeStream } from "@proxmox-mcp/crypto/files";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { type Environment, takeEnvironment } from "../environment.ts";
import { reportFailure } from "../failure.ts";
import { configuredFile } from "./configured-file.ts";
import { CSV_FORMAT, exportLines, JSON_FORMAT } from "./export.ts";
import { type AuditOptions, HELP, parseAuditOptions } from "./options.ts";
import { type FileLine, linesOf } from "./read-lines.ts";
import { printableJson } from "./record.ts";
import { renderLine } from "./render-line.ts";
import { renderVerdict, verdictJson } from "./render-verdict.ts";
import { canBeFollowed, followFile } from "./tail.ts";
import { createVerifier } from "./verify.ts";
import { verifyKeys } from "./verify-keys.ts";

/** Milliseconds between two looks at a file that is followed. */
const PAUSE = 250;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseAuditOptions(argv);
  if (options.action === "help") {
    print(HELP);
    return 0;
  }
  const { config, keyEnv } = options;
  const env = takeEnvironment(process.env, keyEnv);
  const named = options.files.length > 0;
  const files = named ? options.files : [await configuredFile({ config, env })];
  if (options.action === "tail") return await tail(files[0] ?? "", options);
  return options.action === "verify"
    ? await verify(files, options, env)
    : exportAll(files, options);
}

async function tail(file: string, { lines, follow, json }: AuditOptions): Promise<number> {
  const printLine = ({ bytes }: FileLine): void => {
    const text = json ? printableJson(Buffer.from(bytes).toString("utf8")) : renderLine(bytes);
    print(`${text}\n`);
  };
  const last: FileLine[] = [];
  const keep = (line: FileLine): void => {
    last.push(line);
    if (last.length > lines) last.shift();
  };
  if (!follow) {
    for (const line of linesOf(file)) keep(line);
    last.forEach(printLine);
    return 0;
  }
  // Nobody knows which are the last lines of a pipe that has no end yet.
  if (!canBeFollowed(file)) {
    for (const line of linesOf(file)) printLine(line);
    return 0;
  }
  const followed = followFile(file);
  followed.more(keep);
  last.forEach(printLine);
  for (;;) {
    await setTimeout(PAUSE);
    followed.more(printLine);
  }
}

async function verify(
  files: readonly string[],
  { keyFiles, keyEnv, keyring, ended, json }: AuditOptions,
  env: Environment,
): Promise<number> {
  const keys = await verifyKeys({ keyFiles, keyEnv, keyring, env });
  const verifier = createVerifier({ keys, wantsEnds: ended });
  for (const file of files) for (const line of linesOf(file)) verifier.take(line);
  const verdict = verifier.verdict(files);
  const exitStatus = verdict.findings.length === 0 ? 0 : EXIT_STATUS.FINDING;
  print(json ? verdictJson(verdict, exitStatus) : renderVerdict(verdict));
  return exitStatus;
}

function exportAll(files: readonly string[], { format, filter }: AuditOptions): number {
  const strange = exportLines(
    everyLine(files),
    filter,
    format === "csv" ? CSV_FORMAT : JSON_FORMAT,
    print,
  );
  if (strange === 0) return 0;
  const what = strange === 1 ? "1 line is" : `${strange} lines are`;
  writeStream(STDERR, `${what} none of an audit log, and left out: run audit verify\n`);
  return EXIT_STATUS.FINDING;
}

function* everyLine(files: readonly string[]): Generator<FileLine> {
  for (const file of files) yield* linesOf(file);
}

function print(text: string): void {
  writeStream(STDOUT, text);
}

const argv = process.argv.slice(3);
main(argv)
  .catch((error: unknown) => reportFailure(error, argv, process.env["PROXMOX_MCP_DEBUG"]))
  .then((status) => {
    process.exitCode = status;
  });
