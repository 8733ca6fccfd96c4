/** A line of an audit log for people. */
import { printable } from "@proxmox-mcp/crypto/internal";
import { recordOf, textOf } from "./record.ts";

/** One line, without its end. */
export function renderLine(bytes: Uint8Array): string {
  const record = recordOf(bytes);
  if (record === undefined) return `no line of an audit log: ${printable(cut(bytes))}`;
  const text = (name: string) => textOf(record, name);
  const labelled = (name: string, label = name) =>
    text(name) === "" ? "" : `${label} ${text(name)}`;
  const duration = text("duration_ms") === "" ? "" : `${text("duration_ms")} ms`;
  const upids = text("upids") === "[]" ? "" : text("upids");
  const parts = [
    text("time"),
    text("event").padEnd(6),
    text("tool"),
    text("target"),
    text("arguments"),
    text("outcome"),
    duration,
    upids,
    text("transport"),
    labelled("client"),
    text("address"),
    labelled("next", "key"),
    labelled("lost"),
  ];
  return parts
    .filter((part) => part !== "")
    .join("  ")
    .trimEnd();
}

const LONGEST = 200;

function cut(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, LONGEST)).toString("utf8");
}
