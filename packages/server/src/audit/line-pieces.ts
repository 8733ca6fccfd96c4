/** What stands between two line ends of an audit log: a line, or pieces of lines. */
import { BEGINNING } from "../config/audit-fitness.ts";
import type { Finding } from "./finding.ts";
import { type ReadLine, readLine } from "./line.ts";
import { type FileLine, LONGEST_LINE } from "./read-lines.ts";
import { jsonOf, recordOf } from "./record.ts";

/** A line, where there is one, and what is wrong beside it. */
export interface Pieces {
  readonly whole: ReadLine | undefined;
  readonly faults: readonly Pick<Finding, "kind" | "message">[];
}

/**
 * Takes apart what stands between two line ends. Where a process could write no more than a piece of a
 * line, the next line of another process stands behind it.
 */
export function piecesOf({ bytes, isEnded }: FileLine): Pieces {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const noEnd = isEnded ? [] : [{ kind: "torn", message: "the line has no end" } as const];
  const whole = readLine(buffer);
  if (whole !== undefined) return { whole, faults: noEnd };
  const start = buffer.lastIndexOf(BEGINNING);
  const second = start > 0 ? readLine(buffer.subarray(start)) : undefined;
  if (second === undefined) return { whole: undefined, faults: [faultOf(buffer)] };
  return { whole: second, faults: [faultOf(buffer.subarray(0, start)), ...noEnd] };
}

function faultOf(piece: Buffer): Pick<Finding, "kind" | "message"> {
  const text = piece.toString("latin1");
  if (!text.startsWith(BEGINNING) && !BEGINNING.startsWith(text)) return FOREIGN;
  if (isStrange(piece)) return FOREIGN;
  if (text.endsWith("}")) return { kind: "changed", message: "the line is not what was written" };
  return { kind: "torn", message: "the line is no more than a piece of one" };
}

const FOREIGN = { kind: "foreign", message: "the line is none of an audit log" } as const;

/** Whether it is a record that the server never made: too long, too deep or with members of other types. */
function isStrange(piece: Buffer): boolean {
  if (piece.length > LONGEST_LINE) return true;
  return recordOf(piece) === undefined && jsonOf(piece) !== undefined;
}
