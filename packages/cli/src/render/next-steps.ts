import type { KeyFlags } from "@proxmox-mcp/crypto/internal";
import type { Destination } from "../rotation/destination.ts";
import type { RotatedFile, RotateResult } from "../rotation/result.ts";
import { handOverFrom } from "./hand-over.ts";
import { keyringEntry } from "./keyring-entry.ts";
import type { Line } from "./line.ts";
import { byName, checkSteps, type ToCheck, toolCommand } from "./printed-command.ts";

// Where a server's config, and hardly another file, has its secrets.
const SERVER_FIELD =
  /^\/(auth\/token_(value|secret)|proxmox\/(password|token_secret)|http\/api_keys\/[^/]+)$/;
// It has one here as well, as other files do.
const LOGIN_FIELD = "/auth/password";

/** What is to be done after a rotation, for the way in which its key was found. */
export function nextSteps(result: RotateResult): readonly Line[] {
  // Nothing to rotate, with a key that waited elsewhere: an earlier run had no time to tell.
  const isNews = result.outcome !== "nothing" || result.newKeyOrigin === "waiting";
  if (!isNews || result.outcome === "planned") return [];
  const steps = [
    ...handOver(result),
    ...checks(result),
    "Restart what reads these files. Old backups open with the old key alone.",
    `When every server runs on the new key: ${retire(result)}`,
  ];
  return [{ text: "" }, { text: "Next:" }, ...steps.map((text) => ({ text: `  ${text}` }))];
}

function handOver(result: RotateResult): readonly string[] {
  const { destination, holder, keyFrom, newKeyOrigin } = result;
  if (newKeyOrigin === "active") return [`${keyFrom} holds this key already.`];
  switch (destination.kind) {
    case "sink":
      return fromSink(result, destination);
    case "keyring":
      return fromKeyring(result, destination);
    case "key-file":
      return [`${destination.path} holds the new key first, and the old one behind it.`];
    case "given":
      return [
        ...handOverFrom(destination.path, holder),
        "Keep the old key as well: backups, and what was not rotated, open with it alone.",
      ];
    case "out":
      return handOverFrom(destination.path, holder);
  }
}

function fromSink(
  { keyFrom, holder, pendingFile }: RotateResult,
  { sink, keyFile }: Extract<Destination, { kind: "sink" }>,
): readonly string[] {
  const active = `The new key is the active one where ${sink.argv[0]} stored it`;
  if (keyFile !== undefined) return [`${active}, and in ${keyFile}.`];
  return [`${active}. ${keyFrom} must come from there.`, ...pendingLine(pendingFile, holder)];
}

function fromKeyring(
  { holder, pendingFile }: RotateResult,
  { account }: Extract<Destination, { kind: "keyring" }>,
): readonly string[] {
  const active = `${keyringEntry(account)} holds the new key first, and the old one behind it.`;
  return [`T${active.slice(1)}`, ...pendingLine(pendingFile, holder)];
}

function pendingLine(file: string | undefined, holder: RotateResult["holder"]): readonly string[] {
  return file === undefined ? [] : [`${keepTime(holder)} both keys are in ${file} too.`];
}

// Only what is found in a file or a keyring counts as kept.
function keepTime({ kind }: RotateResult["holder"]): string {
  return kind === "file" || kind === "keyring"
    ? "Until a run finds it there,"
    : "Until you retire the old one,";
}

/**
 * The flags by which a further command finds the new key. A file that was named for it has it at once;
 * where the present key was found it is otherwise, or once it was handed over.
 */
export function newKeyFlags({
  newKeyOrigin,
  destination,
  keyFlags,
}: Pick<RotateResult, "destination" | "keyFlags"> & {
  readonly newKeyOrigin: RotateResult["newKeyOrigin"];
}): KeyFlags {
  const isNamed = destination.kind === "out" || destination.kind === "given";
  return isNamed && newKeyOrigin !== "active" ? { keyFile: destination.path } : keyFlags;
}

// The flag beats every variable of the shell, which may still hold the old key. The server does not look
// into the home.
function checks(result: RotateResult): readonly string[] {
  const { newKeyFile, newKeyId, files, recovered } = result;
  const closed = recovered
    .filter(({ outcome, keyId }) => outcome === "finished" && keyId === newKeyId)
    .flatMap(({ targets, left }) => targets.filter((path) => !left.includes(path)));
  return checkSteps(
    [...files.map(byFields), ...closed.map(byName)],
    newKeyFile === undefined ? newKeyFlags(result) : { keyFile: newKeyFile },
  );
}

// Other files hold tokens as well, in fields of their own.
function byFields({ path, fields }: RotatedFile): ToCheck {
  if (fields.some(({ location }) => SERVER_FIELD.test(location))) return { path, config: "yes" };
  const hasLogin = fields.some(({ location }) => location === LOGIN_FIELD);
  return { path, config: hasLogin ? "maybe" : "no" };
}

function retire(result: RotateResult): string {
  const { directories, destination } = result;
  return toolCommand("retire-key", directories.length === 0 ? ["DIRECTORY"] : directories, {
    ...newKeyFlags(result),
    hasSink: destination.kind === "sink",
  });
}
