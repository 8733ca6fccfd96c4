/** The audit log: a line for every call of a tool, chained to the line before it. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { AuditSection } from "@proxmox-mcp/crypto/config";
import type { Log } from "../log/log.ts";
import type { CallRecorder } from "../mcp/call-record.ts";
import { openAuditFile } from "./audit-file.ts";
import type { AuditKey } from "./audit-key.ts";
import { type AuditEvent, sealLine } from "./line.ts";
import { beginMembers, endMembers } from "./members.ts";
import type { AuditPlace } from "./place.ts";
import { type AuditListener, createStateKeeper } from "./state.ts";
import { stderrPlace } from "./stderr-place.ts";
import { createWaiting, type Entry } from "./waiting.ts";

/** What the config in force says, and the key that goes with it. */
export interface AuditSettings extends AuditSection {
  /** Without one lines are not chained; they go to standard error alone then. */
  readonly key: AuditKey | undefined;
}

/** What an audit log needs of its surroundings. */
export interface AuditLogOptions {
  readonly settings: AuditSettings;
  /** Writes a line to standard error, or says that nobody reads it. */
  readonly offer: (line: string) => boolean;
  readonly log: Log;
  readonly now: () => Date;
  readonly random: (size: number) => Uint8Array;
  readonly listener?: AuditListener;
}

/** An open audit log. Nothing that fails in it ends the server. */
export interface AuditLog {
  readonly recorder: CallRecorder;
  /** Takes the settings of another config. The chain goes on, under another key or in another file. */
  follow(settings: AuditSettings): void;
  /** Opens the file by its name anew, as it must be after a rotation of logs. */
  reopen(): void;
  /** Ends the chain, and closes the file. */
  stop(): void;
}

/** Opens the audit log and begins a chain in it. */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  const { offer, log, now, random, listener } = options;
  const chain = Buffer.from(random(8)).toString("hex");
  const tryAgain = (): void => {
    if (!isStopped && (isDirty || waiting.first() !== undefined)) attempt(writeWaiting);
  };
  const keeper = createStateKeeper(log, now, listener, tryAgain);
  const waiting = createWaiting();
  let { file, required, key } = options.settings;
  /** What lines are sealed with: the key before, until the line that names the new one is written. */
  let sealing = key;
  let seq = 0;
  let prev: string | null = null;
  let place: AuditPlace | undefined;
  /** Whether something was written that must outlast a power cut. */
  let isDirty = false;
  let isStopped = false;

  const write = ({ event, time, members, isFlushed, next }: Entry): void => {
    place ??= file === null ? stderrPlace(offer) : openAuditFile(file);
    const { lost } = waiting;
    const told = { ...members(place), ...(lost > 0 ? { lost } : {}) };
    const line = sealLine({ chain, seq, time, event, members: told, prev }, sealing);
    place.append(line.text);
    seq += 1;
    prev = line.mac;
    waiting.takeLost();
    if (event === "key") sealing = next;
    isDirty ||= isFlushed;
  };
  const writeWaiting = (): void => {
    for (let entry = waiting.first(); entry !== undefined; entry = waiting.first()) {
      write(entry);
      waiting.shift();
    }
  };
  /** @returns why it could not be written. */
  const attempt = (act: () => void): unknown => {
    try {
      if (place?.isGone() === true) leavePlace();
      act();
      // Once for all that had waited: a flush takes longer than a thousand lines.
      if (isDirty) place?.flush();
      isDirty = false;
      keeper.works();
      return undefined;
    } catch (error) {
      keeper.failed(error, file);
      return error;
    }
  };
  const put = (event: AuditEvent, more: Partial<Entry> = {}): void => {
    waiting.push(entryOf(event, now(), more));
    attempt(writeWaiting);
  };
  const leavePlace = (): void => {
    const old = place;
    place = undefined;
    if (!["start", "reopen"].includes(waiting.first()?.event ?? "")) {
      waiting.unshift(entryOf("reopen", now(), { members: ({ after }) => ({ after }) }));
    }
    old?.close();
  };

  const goOn = (): void => {
    attempt(() => {
      leavePlace();
      writeWaiting();
    });
  };

  put("start", { members: ({ after }) => ({ after }) });
  return {
    recorder: {
      begins(call) {
        if (call.effect === "read" || isStopped) return;
        const members = () => beginMembers(call);
        const failure = attempt(() => {
          writeWaiting();
          write(entryOf("begin", call.time, { members, isFlushed: true }));
        });
        if (failure !== undefined && required) throw notRun(call.tool);
      },
      ended(call, outcome) {
        if (isStopped) return;
        const time = new Date(call.time.getTime() + outcome.duration);
        const members = () => endMembers(call, outcome);
        waiting.push(entryOf("end", time, { members, isFlushed: call.effect !== "read" }));
        attempt(writeWaiting);
      },
    },
    follow(settings) {
      const isOtherKey = settings.key?.id !== key?.id;
      const isOtherPlace = settings.file !== file;
      ({ required, key } = settings);
      if (isOtherKey) {
        const next = settings.key;
        put("key", { members: () => ({ next: next?.id ?? null }), isFlushed: true, next });
      }
      file = settings.file;
      if (isOtherPlace) goOn();
    },
    reopen() {
      if (file !== null) goOn();
    },
    stop() {
      if (isStopped) return;
      put("stop", { isFlushed: true });
      isStopped = true;
      const unwritten = waiting.length + waiting.lost;
      if (unwritten > 0)
        log("error", "audit records were never written", { count: unwritten, file });
      try {
        place?.close();
      } catch (error) {
        keeper.failed(error, file);
      }
    },
  };
}

function entryOf(
  event: AuditEvent,
  time: Date,
  { members = () => ({}), isFlushed = false, next }: Partial<Entry>,
): Entry {
  return { event, time, members, isFlushed, next };
}

function notRun(tool: string): ProxmoxMcpError {
  return new ProxmoxMcpError("AUDIT_FAILED", `${tool} is not run: it could not be recorded`, {
    hint: "the server's log says why its audit log cannot be written; tools that only read go on",
  });
}
