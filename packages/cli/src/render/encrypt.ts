import type { SecretField } from "@proxmox-mcp/crypto";
import type { EncryptResult } from "../commands/encrypt.ts";
import { streamName } from "../input.ts";
import { fieldJson } from "./field-json.ts";
import { counted, type Line, type Rendered } from "./line.ts";
import { toolCommand } from "./printed-command.ts";
import { recoveryJson } from "./recovery.ts";
import { shellQuote } from "./shell.ts";

/** What `encrypt` says. */
export function renderEncrypt(result: EncryptResult): Rendered {
  const lines = [...headline(result), ...kept(result), ...lookalikes(result), ...advice(result)];
  return { stdout: result.text ?? "", stderr: lines };
}

function headline({ input, output, encrypted, keyId }: EncryptResult): readonly Line[] {
  const source = streamName(input, "stdin");
  if (encrypted.length === 0) {
    const outcome = output === undefined ? "Nothing was written." : "It is passed on as it is.";
    const why = "every secret is a token or a placeholder already";
    return [{ text: `Nothing to encrypt in ${source}: ${why}. ${outcome}` }];
  }
  const target = output === input && input !== "-" ? "itself" : streamName(output ?? "", "stdout");
  const fields = counted(encrypted.length, "field");
  return [
    { text: `Encrypted ${fields} of ${source} to ${target} (key ${keyId}):`, look: "good" },
    ...encrypted.map(({ location }) => ({ text: `  ${location}` })),
  ];
}

function kept({ kept }: EncryptResult): readonly Line[] {
  if (kept.length === 0) return [];
  return [
    { text: "Left as they are:" },
    ...kept.map((field) => ({ text: `  ${field.location}  ${reason(field)}` })),
  ];
}

function lookalikes({ lookalikes }: EncryptResult): readonly Line[] {
  const masterKeys = lookalikes.filter(({ state }) => state === "master-key");
  const others = lookalikes.filter(({ state }) => state !== "master-key");
  const unnamed: Line = {
    text: "Look like secrets and stay plain, because no rule names them:",
    look: "warn",
  };
  const beside: Line = {
    text: "A master key lies beside the secrets it opens: move it to a file of its own:",
    look: "warn",
  };
  return [
    ...(others.length === 0 ? [] : [unnamed]),
    ...others.map((field) => ({ text: `  ${field.location}  ${wayOut(field)}` })),
    ...(masterKeys.length === 0 ? [] : [beside]),
    ...masterKeys.map(({ location }) => ({ text: `  ${location}` })),
  ];
}

// Placeholders are never sealed, not even where they are named.
function wayOut({ location, state }: SecretField): string {
  return state === "plain-default"
    ? "remove the default of its placeholder"
    : `add --field ${shellQuote(location)}`;
}

function advice({ encrypted, output, plainFile, keyFlags }: EncryptResult): readonly Line[] {
  // Where stdout leads, its reader knows alone.
  const where =
    output === "-"
      ? `Check it where it was put: ${toolCommand("status", ["FILE"], keyFlags)} (- for stdin)`
      : `Check it: ${toolCommand("status", [output ?? "FILE"], keyFlags)}`;
  const check: Line[] = encrypted.length > 0 ? [{ text: where }] : [];
  if (plainFile === undefined) return check;
  const warning = "still holds the secrets in plain text. Delete it once the encrypted file works.";
  return [...check, { text: `${plainFile} ${warning}`, look: "warn" }];
}

/** The JSON of `encrypt`. */
export function encryptJson(result: EncryptResult): object {
  const { input, output, text, encrypted, kept, lookalikes, keyId, plainFile, recovered } = result;
  return {
    input,
    output: output ?? null,
    ...(text === undefined ? {} : { text }),
    encrypted: encrypted.map(fieldJson),
    kept: kept.map(fieldJson),
    lookalikes: lookalikes.map(fieldJson),
    keyId: keyId ?? null,
    plainFile: plainFile ?? null,
    recovered: recovered.map(recoveryJson),
  };
}

function reason({ state }: SecretField): string {
  switch (state) {
    case "placeholder":
      return "a placeholder, filled in from the environment";
    case "plain-default":
      return "a placeholder whose default is a secret in plain text";
    case "legacy":
    case "unbound":
    case "bound":
      return `encrypted already (${state})`;
    default:
      return state;
  }
}
