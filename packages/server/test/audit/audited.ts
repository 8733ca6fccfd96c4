/** Audit logs of the tests: real files, written by the log itself, judged by the verifier itself. */
import { readFileSync } from "node:fs";
import { MasterKey } from "@proxmox-mcp/crypto";
import { type AuditKey, deriveAuditKey } from "../../src/audit/audit-key.ts";
import { type AuditLog, type AuditSettings, openAuditLog } from "../../src/audit/audit-log.ts";
import type { Verdict } from "../../src/audit/finding.ts";
import { linesOf } from "../../src/audit/read-lines.ts";
import { createVerifier } from "../../src/audit/verify.ts";
import type { CallFacts, CallOutcome } from "../../src/mcp/call-record.ts";

/** Marked examples: bytes that nobody uses for more. */
export const MASTER: MasterKey = new MasterKey(Buffer.alloc(32, 0xa1));
export const NEXT_MASTER: MasterKey = new MasterKey(Buffer.alloc(32, 0xb2));
export const KEY: AuditKey = auditKeyOf(MASTER);
export const NEXT_KEY: AuditKey = auditKeyOf(NEXT_MASTER);
export const KEYS: ReadonlyMap<string, AuditKey> = new Map([
  [KEY.id, KEY],
  [NEXT_KEY.id, NEXT_KEY],
]);

export const START: Date = new Date("2026-01-31T12:00:00.000Z");

function auditKeyOf(master: MasterKey): AuditKey {
  const key = deriveAuditKey(master);
  if (key === undefined) throw new Error("this key has no id");
  return key;
}

export interface Audited extends AuditLog {
  readonly log: readonly (readonly unknown[])[];
  /** What went to standard error. */
  readonly stderr: readonly string[];
  readonly heard: readonly ("failed" | "works")[];
  /** Records a whole call. @returns why it was refused. */
  call(more?: Partial<CallFacts>, outcome?: Partial<CallOutcome>): unknown;
}

let opened = 0;

/** Opens an audit log with a clock that stands still, and a chain of its own. */
export function openAudited(
  settings: Partial<AuditSettings>,
  offer?: (line: string) => boolean,
): Audited {
  opened += 1;
  const chain = opened;
  const log: unknown[][] = [];
  const stderr: string[] = [];
  const heard: ("failed" | "works")[] = [];
  const audit = openAuditLog({
    settings: { file: null, required: false, key: KEY, ...settings },
    offer: offer ?? ((line) => stderr.push(line) > 0),
    log: (...entry) => log.push(entry),
    now: () => START,
    random: (size) => Buffer.alloc(size, chain),
    listener: { auditFailed: () => heard.push("failed"), auditWorks: () => heard.push("works") },
  });
  return Object.assign(Object.create(audit) as AuditLog, {
    log,
    stderr,
    heard,
    call(more: Partial<CallFacts> = {}, outcome: Partial<CallOutcome> = {}) {
      const facts = callFacts(more);
      const end = {
        outcome: "ok" as const,
        duration: 25,
        target: undefined,
        upids: [],
        ...outcome,
      };
      try {
        audit.recorder.begins?.(facts);
        audit.recorder.ended(facts, end);
        return undefined;
      } catch (error) {
        audit.recorder.ended(facts, { ...end, outcome: "AUDIT_FAILED" });
        return error;
      }
    },
  });
}

/** A call of a tool that changes something. */
export function callFacts(more: Partial<CallFacts> = {}): CallFacts {
  return {
    id: "00112233aabbccdd",
    time: START,
    tool: "start_vm",
    effect: "change",
    caller: { transport: "http", key: "ops", address: "192.0.2.1" },
    arguments: { vmid: 100 },
    ...more,
  };
}

export function verify(
  files: readonly string[],
  { keys = KEYS, wantsEnds = false }: { keys?: typeof KEYS; wantsEnds?: boolean } = {},
): Verdict {
  const verifier = createVerifier({ keys, wantsEnds });
  for (const file of files) for (const line of linesOf(file)) verifier.take(line);
  return verifier.verdict(files);
}

/** `KIND LINE` of every finding. */
export function kindsOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ kind, line }) => `${kind} ${line}`);
}

export function recordsOf(file: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
