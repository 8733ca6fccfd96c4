import type { SecretField } from "@proxmox-mcp/crypto";
import type { EncryptResult } from "../commands/encrypt.ts";
import { streamName } from "../input.ts";
import { fieldJson } from "./field-json.ts";
import type { Rendered } from "./render.ts";
import type { Style } from "./style.ts";

/** What `encrypt` says. */
export function renderEncrypt(result: EncryptResult, style: Style): Rendered {
  const { output, encrypted, plainFile } = result;
  const lines = [
    ...headline(result, style),
    ...kept(result),
    ...lookalikes(result, style),
    ...(encrypted.length > 0 && output !== "-"
      ? [`Check it: proxmox-mcp-encrypt status ${output}`]
      : []),
    ...(plainFile === undefined
      ? []
      : [
          style.warn(
            `${plainFile} still holds the secrets in plain text. Delete it once the encrypted file works.`,
          ),
        ]),
  ];
  return { stdout: result.text ?? "", stderr: `${lines.join("\n")}\n` };
}

function headline({ input, output, encrypted, keyId }: EncryptResult, style: Style): string[] {
  const source = streamName(input, "stdin");
  if (encrypted.length === 0) {
    const outcome = output === undefined ? "Nothing was written." : "It is passed on as it is.";
    return [
      `Nothing to encrypt in ${source}: every secret is a token or a placeholder already. ${outcome}`,
    ];
  }
  const target = output === input && input !== "-" ? "itself" : streamName(output ?? "", "stdout");
  const fields = encrypted.length === 1 ? "1 field" : `${encrypted.length} fields`;
  return [
    style.good(`Encrypted ${fields} of ${source} to ${target} (key ${keyId}):`),
    ...encrypted.map(({ location }) => `  ${location}`),
  ];
}

function kept({ kept }: EncryptResult): string[] {
  if (kept.length === 0) return [];
  return ["Left as they are:", ...kept.map((field) => `  ${field.location}  ${reason(field)}`)];
}

function lookalikes({ lookalikes }: EncryptResult, style: Style): string[] {
  if (lookalikes.length === 0) return [];
  return [
    style.warn("Look like secrets and stay plain, because no rule names them:"),
    ...lookalikes.map(({ location }) => `  ${location}  add --field '${location}'`),
  ];
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
