import type { SecretField } from "@proxmox-mcp/crypto";
import { isSealed } from "@proxmox-mcp/crypto/internal";
import type { StatusResult } from "../commands/status.ts";
import { formatAge } from "../duration.ts";
import type { FileStatus, StatusField } from "../file-status.ts";
import type { FindingKind } from "../findings.ts";
import { statusMetrics } from "../metrics/status-metrics.ts";
import type { Phase } from "../phase.ts";
import { agedFieldJson, fieldJson } from "./field-json.ts";
import { type Line, type Rendered, renderLines, skippedLines } from "./line.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

const FINDINGS: Readonly<Record<FindingKind, string>> = {
  plain: "is a secret in plain text: encrypt it",
  "plain-default": "has a secret as its default in plain text: remove the default",
  "not-a-string": "is no string and cannot be encrypted: write it in quotes",
  "secret-looking": "looks like a secret, and no rule names it: encrypt it with --field",
  "master-key":
    "is a master key that lies beside the secrets it opens: move it to a file of its own",
  "not-bound": "is not bound to its field, as PROXMOX_MCP_REQUIRE_BOUND demands",
  "too-old": "was sealed longer ago than --max-age allows, or its time lies ahead",
  unopened: "cannot be opened",
};

/** What `status` shows: on a terminal, or as metrics. */
export function renderStatus(result: StatusResult, style: Style): Rendered {
  const { key, files, skipped, metrics } = result;
  if (metrics !== false) {
    // A collector reads the file, and a timer has nothing to say: what was skipped is a number in it.
    const stdout = metrics === "printed" ? statusMetrics(result) : "";
    return { stdout, stderr: renderFindings(result) };
  }
  const found: Line[] = files.length === 0 ? [{ text: "No secrets were found." }] : [];
  const keyLine =
    key === undefined
      ? "No master key was found, so no token was opened."
      : `Key: ${key.id ?? "of unusual length"} from ${key.from}`;
  return {
    stdout: [
      renderLines(found, style),
      ...files.map((file) => renderFile(file, result, style)),
      renderLines([{ text: keyLine, look: "dim" }, ...phaseLines(result)], style),
    ].join(""),
    stderr: [...skippedLines(skipped), ...renderFindings(result)],
  };
}

const PHASES: Readonly<Record<Phase, string>> = {
  settled: "It is the only key there: no change of keys is under way.",
  prepared: "A next key waits, and no file uses it yet: rotate-key-all switches to it.",
  switching: "Some files are on the next key, some are not: rotate-key-all finishes that.",
  switched: "Every file is on the next key: rotate-key-all makes it the active one.",
  behind: "Some files are on an old key: rotate-key-all brings all to one key.",
  rotated:
    "None of these files needs the old keys that are still kept. retire-key drops them: name it every directory with files of this key.",
};

function phaseLines({ phase, interrupted }: StatusResult): readonly Line[] {
  const look = phase === "settled" ? "dim" : "warn";
  return [
    ...(phase === undefined ? [] : [{ text: PHASES[phase], look } as const]),
    ...interrupted.map(
      (directory): Line => ({
        text: `A run in ${directory} was interrupted, or is under way: the next command that writes there closes it.`,
        look: "bad",
      }),
    ),
  ];
}

function renderFindings({ check, findings }: StatusResult): readonly Line[] {
  if (!check) return [];
  if (findings.length === 0) return [{ text: "No findings.", look: "good" }];
  return [
    ...findings.map(
      ({ file, location, kind }): Line => ({
        text: `${file} ${location} ${FINDINGS[kind]}`,
        look: "bad",
      }),
    ),
    { text: findings.length === 1 ? "1 finding." : `${findings.length} findings.`, look: "bad" },
  ];
}

function renderFile(
  { file, secrets, lookalikes }: FileStatus,
  result: StatusResult,
  style: Style,
): string {
  const { now, python, key } = result;
  const head = ["FIELD", "STATE", "AGE", "KEY", ...(python ? ["PYTHON"] : []), "LINE"];
  const rows = secrets.map((field): readonly Cell[] => [
    { text: field.location },
    { text: field.state, look: lookOf(field) },
    {
      text:
        field.claimedAt === undefined ? "-" : formatAge(now.getTime() - field.claimedAt.getTime()),
    },
    keyCell(field, key !== undefined),
    ...(python ? [{ text: pythonReads(field, file) ? "reads it" : "leaves it sealed" }] : []),
    { text: `${field.line}:${field.column}` },
  ]);
  const seen = lookalikes.map((field): readonly Cell[] => [
    { text: field.location },
    lookalikeCell(field),
    { text: "-" },
    { text: "-" },
    ...(python ? [{ text: "-" }] : []),
    { text: `${field.line}:${field.column}` },
  ]);
  const heading = head.map((text): Cell => ({ text, look: "dim" }));
  return (
    renderLines([{ text: file, look: "bold" }], style) +
    renderTable([heading, ...rows, ...seen], style)
  );
}

function lookalikeCell({ state }: SecretField): Cell {
  return state === "plain"
    ? { text: "secret-looking", look: "warn" }
    : { text: state, look: "bad" };
}

function keyCell({ opened, problem, state }: StatusField, hasKey: boolean): Cell {
  if (opened !== undefined)
    return { text: `opens (${opened.keyId ?? "unusual length"})`, look: "good" };
  if (problem !== undefined) return { text: problem.code, look: "bad" };
  return { text: hasKey || state === "plain" ? "-" : "?" };
}

function lookOf({ state }: StatusField): keyof Style {
  if (state === "bound") return "good";
  if (
    state === "plain" ||
    state === "plain-default" ||
    state === "malformed" ||
    state === "not-a-string"
  )
    return "bad";
  return "warn";
}

/** The Python tool decrypts one field, of JSON files alone. */
function pythonReads({ location, state }: StatusField, file: string): boolean {
  return !isSealed(state) || (location === "/auth/token_value" && !/\.(ya?ml|env)$/.test(file));
}

/** The JSON of `status`. */
export function statusJson(result: StatusResult): object {
  const { key, files, skipped, findings, phase, interrupted, python, now } = result;
  return {
    key:
      key === undefined
        ? null
        : { from: key.from, id: key.id ?? null, ids: key.ids.map((id) => id ?? null) },
    files: files.map(({ file, format, secrets, lookalikes }) => ({
      file,
      format,
      secrets: secrets.map((field) => ({
        ...agedFieldJson(field, now),
        ...(python ? { pythonReads: pythonReads(field, file) } : {}),
      })),
      lookalikes: lookalikes.map(fieldJson),
    })),
    skipped: skipped.map(({ path, reason }) => ({ file: path, reason })),
    findings,
    phase: phase ?? null,
    interrupted,
  };
}
