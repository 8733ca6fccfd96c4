import type { SecretField } from "@proxmox-mcp/crypto";
import type { EncryptResult } from "../commands/encrypt.ts";
import { fieldJson } from "./field-json.ts";
import type { Rendered } from "./render.ts";
import type { Style } from "./style.ts";

/** What `encrypt` says. */
export function renderEncrypt(result: EncryptResult, style: Style): Rendered {
  const { input, output, encrypted, kept, lookalikes, plainFile } = result;
  const lines: string[] = [];
  if (encrypted.length === 0) {
    lines.push(
      `Nothing to encrypt in ${input}: every secret is a token or a placeholder already. ${output === undefined ? "Nothing was written." : "It is passed on as it is."}`,
    );
  } else {
    const target =
      output === "-" ? "stdout" : output === input ? `${input}, in place` : `${output}`;
    lines.push(
      style.good(
        `Encrypted ${count(encrypted.length, "field")} of ${input} to ${target} (key ${result.keyId}):`,
      ),
    );
    for (const field of encrypted) lines.push(`  ${field.location}`);
  }
  if (kept.length > 0) {
    lines.push("Left as they are:");
    for (const field of kept) lines.push(`  ${field.location}  ${reason(field)}`);
  }
  if (lookalikes.length > 0) {
    lines.push(style.warn("Look like secrets and stay plain, because no rule names them:"));
    for (const field of lookalikes)
      lines.push(`  ${field.location}  add --field '${field.location}'`);
  }
  if (encrypted.length > 0 && output !== "-")
    lines.push(`Check it: proxmox-mcp-encrypt status ${output}`);
  if (plainFile !== undefined) {
    lines.push(
      style.warn(
        `${plainFile} still holds the secrets in plain text. Delete it once the encrypted file works.`,
      ),
    );
  }
  return { stdout: result.text ?? "", stderr: `${lines.join("\n")}\n` };
}

/** The JSON of `encrypt`. */
export function encryptJson(result: EncryptResult): object {
  const { input, output, text, encrypted, kept, lookalikes, keyId, plainFile } = result;
  return {
    input,
    output: output ?? null,
    ...(text === undefined ? {} : { text }),
    encrypted: encrypted.map(fieldJson),
    kept: kept.map(fieldJson),
    lookalikes: lookalikes.map(fieldJson),
    keyId: keyId ?? null,
    plainFile: plainFile ?? null,
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
