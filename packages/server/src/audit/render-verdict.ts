/** The verdict of `audit verify`, for people and for programs. */
import { printable } from "@proxmox-mcp/crypto/internal";
import { counted } from "../counted.ts";
import type { Finding, Verdict } from "./finding.ts";

/** A line for each finding and note, and one for all. */
export function renderVerdict({ files, lines, chains, findings, notes }: Verdict): string {
  const told = [
    ...findings.map((finding) => tell(finding, finding.kind)),
    ...notes.map((note) => tell(note, "note")),
  ];
  const where = files.length === 1 ? printable(files[0] ?? "") : `${files.length} files`;
  const what = `${counted(lines, "line")} in ${counted(chains, "chain")}`;
  const verdict =
    findings.length === 0
      ? `whole: ${where}, ${what}`
      : `${counted(findings.length, "finding")}: ${where}, ${what} as they were written`;
  return [...told, verdict].map((line) => `${line}\n`).join("");
}

function tell({ file, line, message }: Finding, label: string): string {
  return `${printable(file)}:${line}: ${label}: ${message}`;
}

/** The same as JSON. */
export function verdictJson({ files, ...verdict }: Verdict, exitStatus: number): string {
  return `${JSON.stringify({ ok: exitStatus === 0, exitStatus, files, ...verdict }, null, 2)}\n`;
}
