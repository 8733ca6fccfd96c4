/** `audit export`: lines for other programs. */

import { csvRow } from "./csv.ts";
import type { Filter } from "./options.ts";
import type { FileLine } from "./read-lines.ts";
import { type AuditRecord, printableJson, recordOf, textOf } from "./record.ts";

/** What lines become. */
export interface ExportFormat {
  /** Before the first record. */
  readonly head: string;
  record(record: AuditRecord, isFirst: boolean): string;
  /** After the last one. */
  readonly tail: string;
}

/** A JSON array with a line for each record. */
export const JSON_FORMAT: ExportFormat = {
  head: "[",
  record: (record, isFirst) => `${isFirst ? "" : ","}\n${printableJson(JSON.stringify(record))}`,
  tail: "\n]\n",
};

const COLUMNS = [
  "time",
  "event",
  "tool",
  "effect",
  "transport",
  "client",
  "address",
  "target",
  "arguments",
  "outcome",
  "duration_ms",
  "upids",
  "id",
  "chain",
  "seq",
  "key",
];

/** RFC 4180, with the names of columns first. */
export const CSV_FORMAT: ExportFormat = {
  head: csvRow(COLUMNS),
  record: (record) => csvRow(COLUMNS.map((name) => textOf(record, name))),
  tail: "",
};

/** Writes what is wanted of some lines. @returns how many lines were none of an audit log. */
export function exportLines(
  lines: Iterable<FileLine>,
  filter: Filter,
  { head, record, tail }: ExportFormat,
  write: (text: string) => void,
): number {
  let strange = 0;
  let isFirst = true;
  write(head);
  for (const { bytes } of lines) {
    const found = recordOf(bytes);
    if (found === undefined) strange += 1;
    else if (isWanted(found, filter)) {
      write(record(found, isFirst));
      isFirst = false;
    }
  }
  write(tail);
  return strange;
}

function isWanted(record: AuditRecord, { since, until, tool, client }: Filter): boolean {
  const time = new Date(textOf(record, "time"));
  if (since !== undefined && !(time >= since)) return false;
  if (until !== undefined && !(time < until)) return false;
  if (tool !== undefined && record["tool"] !== tool) return false;
  return client === undefined || record["client"] === client;
}
