import type { CloseResult, WaitingKey } from "../commands/close-rotation.ts";
import type { Line, Rendered } from "./line.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

/** What `--resume` and `--abort` say. */
export function renderCloseRotation({ recovered, waiting }: CloseResult): Rendered {
  const sink = waiting === undefined ? [] : [waitingLine(waiting)];
  const nothing: Line = { text: "No interrupted run was found: nothing was changed." };
  const lines = [...renderRecoveries(recovered), ...sink];
  return { stdout: "", stderr: lines.length === 0 ? [nothing] : lines };
}

function waitingLine({ place, id, isPromoted, filesBehind }: WaitingKey): Line {
  const where = place === "sink" ? "at its sink" : "in its keyring entry";
  if (isPromoted) return { text: `Key ${id} is the active one ${where} now.`, look: "good" };
  const files =
    [`no file was found that is`, "1 file is not"][filesBehind] ?? `${filesBehind} files are not`;
  return {
    text: `Key ${id} goes on waiting: ${files} on it yet. Run the same without --resume.`,
    look: "warn",
  };
}

/** The JSON of `--resume` and `--abort`. */
export function closeRotationJson({ wish, recovered, waiting }: CloseResult): object {
  return {
    outcome: "closed",
    wish,
    recovered: recovered.map(recoveryJson),
    promotedKeyId: (waiting?.isPromoted === true ? waiting.id : undefined) ?? null,
    waitingKeyId: (waiting?.isPromoted === false ? waiting.id : undefined) ?? null,
    filesBehind: waiting?.filesBehind ?? 0,
  };
}
