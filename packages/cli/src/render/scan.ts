import { redactKeys } from "@proxmox-mcp/crypto/internal";
import type { ScanResult } from "../commands/scan.ts";
import type { ScanFinding, ScanKind } from "../scan/finding.ts";
import { atMost, counted, type Line, type Rendered, renderLines } from "./line.ts";
import type { Style } from "./style.ts";

const WORDS: Readonly<Record<ScanKind, string>> = {
  plain: "is a secret in plain text: encrypt it",
  "plain-default": "has a secret as its default in plain text: remove the default",
  "not-a-string": "is a secret and no string: write it in quotes, then encrypt it",
  malformed: "begins with enc: and is no token: set it again",
  "secret-looking": "looks like a secret: move it to an encrypted config or a variable",
  "pve-token": "is an API token of Proxmox VE: move it to an encrypted config",
  "master-key": "is a master key: move it to a key file that is not committed",
  "private-key": "is a private key without a passphrase: move it to where nothing is committed",
  "key-file": "is a file of master keys: take it out of the commit",
  leftover: "is a backup or a leftover of proxmox-mcp-encrypt: take it out of the commit",
};

/** What `scan` shows. */
export function renderScan(result: ScanResult, style: Style): Rendered {
  const { files, findings, skipped, allowed } = result;
  const found = findings.map(
    (finding): Line => ({ text: `${placeOf(finding)} ${wordsOf(finding)}`, look: "bad" }),
  );
  const summary: Line = {
    text: `${findings.length === 0 ? "No findings" : counted(findings.length, "finding")} in ${counted(files, "file")}${allowedWords(allowed)}.`,
    look: findings.length === 0 ? "good" : "bad",
  };
  const hint =
    "What was committed before counts as leaked: make it anew. What is no secret passes with the comment `proxmox-mcp: allow`, or with a line in .proxmox-mcp-allow.";
  return {
    stdout: renderLines(found, style),
    stderr: [
      ...atMost(skipped, ({ path, reason }): readonly Line[] => [
        { text: `Skipped ${path}: ${reason}`, look: "dim" },
      ]),
      summary,
      ...(findings.length === 0 ? [] : [{ text: hint }]),
    ],
  };
}

function allowedWords(allowed: ScanResult["allowed"]): string {
  const words = [
    ...(allowed.findings === 0 ? [] : [counted(allowed.findings, "finding")]),
    ...(allowed.files === 0 ? [] : [counted(allowed.files, "file")]),
  ];
  return words.length === 0 ? "" : ` (allowed: ${words.join(", ")})`;
}

/** The JSON of `scan`. */
export function scanJson({ files, findings, skipped, allowed }: ScanResult): object {
  return {
    files,
    findings: findings.map(({ name, ...finding }) => ({
      ...finding,
      file: redactKeys(finding.file),
      ...(name === undefined ? {} : { name: redactKeys(name) }),
    })),
    skipped: skipped.map(({ path, reason }) => ({ file: redactKeys(path), reason })),
    allowed,
  };
}

function placeOf({ file, line, column, kind }: ScanFinding): string {
  return `${redactKeys(file)}:${line}:${column} [${kind}]`;
}

function wordsOf({ name, kind }: ScanFinding): string {
  const subject = name === undefined ? "this" : redactKeys(name);
  return `${subject} ${WORDS[kind]}`;
}
