/** `set`: seals a new value for one field, in place. */
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { type Plan, ProxmoxMcpError, planSet, type SecretField } from "@proxmox-mcp/crypto";
import { secretRulesFor } from "@proxmox-mcp/crypto/config";
import { decodeText, replaceFile } from "@proxmox-mcp/crypto/files";
import { findField, type KeyFlags, withNewSecret } from "@proxmox-mcp/crypto/internal";
import { type ClosedFirst, closeFirst } from "../close-first.ts";
import { withEarlyLock } from "../early-lock.ts";
import { type Input, inFile, parseInput, readInput } from "../input.ts";
import type { Generated, SetInvocation } from "../invocation.ts";
import type { Io } from "../io.ts";
import { findKeys, type Keys, prepareSealer, requireStillActive, withOtherKey } from "../keys.ts";
import { askSecret } from "../prompt.ts";
import { keyFlagsOf } from "../render/printed-command.ts";

/** What `set` did. */
export interface SetResult extends ClosedFirst {
  readonly command: "set";
  readonly file: string;
  readonly field: SecretField;
  /** Whether there was no such field before. */
  readonly added: boolean;
  readonly generated: Generated | undefined;
  readonly keyId: string | undefined;
  /** The flags that said where the key is. */
  readonly keyFlags: KeyFlags;
  readonly warnings: readonly string[];
}

/** Runs `set`. @throws ProxmoxMcpError with nothing changed. */
export async function set(io: Io, invocation: SetInvocation): Promise<SetResult> {
  const { file: name, unbound, force, generate } = invocation;
  if (name === "-") {
    throw new ProxmoxMcpError("USAGE", "set needs a file: stdin carries the new value", {
      hint: "write `set FILE FIELD`",
    });
  }
  return closeFirst("set", [name], async () => {
    const source = await readInput(io, name);
    const keys = await findKeys(io, invocation);
    const sealer = prepareSealer(io, keys, !unbound);
    const input = await parseInput(io, source, invocation.format);
    try {
      const { opener } = keys;
      const rules = secretRulesFor(input.document);
      const document = await withNewSecret(input.document, invocation.field, rules);
      const { location } = findField(document, invocation.field);
      const plaintext = await newValue(io, input, location, generate);
      const plan = planSet(document, location, plaintext, { rules, sealer, opener, force });
      const field = await replace(io, input, plan, keys);
      return {
        command: "set",
        file: name,
        field,
        added: document !== input.document,
        generated: generate,
        keyId: keys.active.id,
        keyFlags: keyFlagsOf(invocation),
        warnings: keys.warnings,
      };
    } catch (error) {
      throw inFile(await withOtherKey(io, invocation, input.document, error), name);
    }
  });
}

async function replace(
  io: Io,
  { file }: Input,
  plan: Promise<Plan>,
  keys: Keys,
): Promise<SecretField> {
  if (file === undefined) throw new TypeError("set changes a file");
  plan.catch(() => undefined);
  return withEarlyLock(dirname(file.target), "set", async (locks) => {
    const { changed, text, verify } = await plan;
    const [field] = changed;
    if (field === undefined) throw new TypeError("set plans one change");
    await replaceFile({
      target: file.path,
      expectedHash: file.hash,
      data: text,
      async verify(written) {
        await verify(written);
        await requireStillActive(io, keys);
      },
      signal: io.signal,
      locks,
      operation: "set",
    });
    return field;
  });
}

async function newValue(
  io: Io,
  input: Input,
  location: string,
  generate: Generated | undefined,
): Promise<string> {
  if (generate !== undefined) return generated(io, generate);
  if (io.stdin.isTerminal && io.stderr.isTerminal) {
    return askSecret(io, `New value for ${location} in ${input.name}`);
  }
  const text = decodeText("stdin", await io.stdin.read());
  // What `echo` and a text file end with is no part of a secret.
  return text.replace(/\r?\n$/, "");
}

function generated(io: Io, kind: Generated): string {
  if (kind === "uuid") return randomUUID();
  return Buffer.from(io.random(32)).toString(kind === "hex32" ? "hex" : "base64");
}
