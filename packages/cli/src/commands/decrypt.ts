/** `decrypt`: prints a config, or one field of it, in plain text. */
import { ProxmoxMcpError, planDecryption, type SecretField } from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { createFile, pathExists, refuseDirectory } from "@proxmox-mcp/crypto/files";
import { findField, isTokenLike, openValue } from "@proxmox-mcp/crypto/internal";
import { type ClosedFirst, closeFirst } from "../close-first.ts";
import { type Input, inFile, parseInput, readInput } from "../input.ts";
import type { DecryptInvocation } from "../invocation.ts";
import { type Io, refuseInterrupted } from "../io.ts";
import { findKeys, type Keys, withOtherKey } from "../keys.ts";

/** What `decrypt` did. */
export interface DecryptResult extends ClosedFirst {
  readonly command: "decrypt";
  readonly input: string;
  /** The file that was written; `undefined` where the plain text goes to stdout. */
  readonly output: string | undefined;
  /** The plain text for stdout: of the whole document, or of one field. */
  readonly text: string | undefined;
  readonly field: string | undefined;
  readonly decrypted: readonly SecretField[];
  readonly keyId: string | undefined;
  readonly warnings: readonly string[];
}

/** Runs `decrypt`. @throws ProxmoxMcpError with nothing written. */
export async function decrypt(io: Io, invocation: DecryptInvocation): Promise<DecryptResult> {
  const { file: name, output, field } = invocation;
  const toFile = output !== undefined && output !== "-";
  if (field !== undefined && toFile) {
    throw new ProxmoxMcpError("USAGE", "--field prints to stdout and excludes --output", {
      hint: "leave out one of the two",
    });
  }
  if (toFile && pathExists(output)) {
    refuseDirectory(output);
    throw new ProxmoxMcpError("OUTPUT_EXISTS", `${output} exists already; nothing was written`, {
      where: { file: output },
      hint: "choose another name: plain text never replaces a file",
    });
  }
  return closeFirst("decrypt", [output ?? "-"], async () => {
    const source = await readInput(io, name);
    const keys = await findKeys(io, invocation);
    // The derivation runs on another thread while the document is parsed.
    keys.opener.prepare(source.text);
    const input = await parseInput(io, source, invocation.format);
    try {
      const result =
        field === undefined
          ? await decryptAll(io, invocation, input, keys)
          : await decryptOne(field, input, keys);
      if (result.output === undefined) refuseInterrupted(io);
      return result;
    } catch (error) {
      throw inFile(await withOtherKey(io, invocation, input.document, error), name);
    }
  });
}

/** What is known of a run beside what it closed. */
type Decrypted = Omit<DecryptResult, keyof ClosedFirst>;

async function decryptAll(
  io: Io,
  invocation: DecryptInvocation,
  input: Input,
  keys: Keys,
): Promise<Decrypted> {
  const { document, name } = input;
  const { output, force } = invocation;
  const plan = await planDecryption(document, {
    rules: secretRulesFor(document),
    opener: keys.opener,
    force,
  });
  const toFile = output !== undefined && output !== "-";
  if (toFile) {
    await createFile({
      path: output,
      data: plan.text,
      mode: 0o600,
      verify: plan.verify,
      signal: io.signal,
      operation: "decrypt",
    });
  } else {
    await plan.verify(plan.text);
  }
  return {
    command: "decrypt",
    input: name,
    output: toFile ? output : undefined,
    text: toFile ? undefined : plan.text,
    field: undefined,
    decrypted: plan.changed,
    keyId: keys.active.id,
    warnings: keys.warnings,
  };
}

async function decryptOne(field: string, input: Input, keys: Keys): Promise<Decrypted> {
  const { document, name } = input;
  const value = findField(document, field);
  if (value.kind !== "string") {
    throw new ProxmoxMcpError(
      "SECRET_NOT_STRING",
      `${value.location} is a ${value.kind} and no token`,
      {
        where: { location: value.location, ...document.place(value.start) },
        hint: "name a field that `proxmox-mcp-encrypt status FILE` lists",
      },
    );
  }
  const text = isTokenLike(value.text)
    ? (await openValue(document, value, keys.opener)).plaintext
    : value.text;
  return {
    command: "decrypt",
    input: name,
    output: undefined,
    text,
    field: value.location,
    decrypted: [],
    keyId: keys.active.id,
    warnings: keys.warnings,
  };
}
