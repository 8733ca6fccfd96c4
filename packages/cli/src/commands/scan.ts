/** `scan`: secrets, keys and leftovers in files that are about to be committed. Needs no key. */
import { setImmediate } from "node:timers/promises";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ScanInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { kindOfFile } from "../scan/file-kind.ts";
import type { ScanFinding } from "../scan/finding.ts";
import { namedSources, type Source, stagedSources } from "../scan/sources.ts";
import type { Skipped } from "../skipped.ts";

/** What `scan` found. */
export interface ScanResult {
  readonly command: "scan";
  /** How many files were looked at, the skipped ones not among them. */
  readonly files: number;
  readonly findings: readonly ScanFinding[];
  readonly skipped: readonly Skipped[];
  /** How many findings a comment or the allow list lets pass, and how many files it lets pass unread. */
  readonly allowed: { readonly findings: number; readonly files: number };
  readonly warnings: readonly string[];
}

/**
 * Runs `scan`.
 *
 * @throws ProxmoxMcpError USAGE; as `namedSources` and `stagedSources`.
 */
export async function scan(io: Io, invocation: ScanInvocation): Promise<ScanResult> {
  const { staged, files: names } = invocation;
  if (staged === names.length > 0) {
    throw new ProxmoxMcpError("USAGE", "scan takes either files or --staged", {
      hint: "`proxmox-mcp-encrypt scan --staged` looks at what the next commit takes",
    });
  }
  const { allowList, files } = staged ? await stagedSources(io) : await namedSources(io, names);
  const findings: ScanFinding[] = [];
  const skipped: Skipped[] = [];
  const allowed = { findings: 0, files: 0 };
  let looked = 0;
  for await (const source of files) {
    // Signals come in between turns of the event loop.
    await setImmediate();
    const { file, path, content } = source;
    if (allowList.allowsFile(path)) {
      allowed.files += 1;
      continue;
    }
    if ("reason" in content) skipped.push({ path: file, reason: content.reason });
    else looked += 1;
    const found = await findingsOf(source);
    allowed.findings += found.allowed;
    for (const finding of found.findings) {
      if (allowList.allows({ ...finding, file: path })) allowed.findings += 1;
      else findings.push(finding);
    }
  }
  return { command: "scan", files: looked, findings, skipped, allowed, warnings: [] };
}

async function findingsOf({
  file,
  path,
  content,
}: Source): Promise<{ findings: readonly ScanFinding[]; allowed: number }> {
  const kind = kindOfFile(path);
  const byName: readonly ScanFinding[] =
    kind === undefined ? [] : [{ file, line: 1, column: 1, kind, name: undefined }];
  // One finding is enough of a file of keys.
  if ("reason" in content || kind === "key-file") return { findings: byName, allowed: 0 };
  const { findLeaks } = await import("./leaks.ts");
  const { leaks, allowed } = await findLeaks(content.text, path);
  return { findings: [...byName, ...leaks.map((leak) => ({ file, ...leak }))], allowed };
}
