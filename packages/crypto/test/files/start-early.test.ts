import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startEarly } from "../../src/files/start-early.ts";
import { createDeriver } from "../../src/key/derive.ts";
import { parseToken } from "../../src/token.ts";
import { KEY, OTHER_KEY, sealer } from "../material.ts";
import { useDirectory } from "./harness.ts";

const directory = useDirectory();
const token: string = await sealer.seal("example-secret", "/auth/token_value");

/** A file in the test's directory. */
function file(name: string, content: string): string {
  const path = join(directory(), name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** A key in a variable, and nothing else. */
function keyOf(env: Record<string, string> = { PROXMOX_MCP_MASTER_KEY: KEY.reveal() }) {
  return { env, exists: existsSync };
}

describe("startEarly", () => {
  it("derives the key of the first token in a file", async () => {
    const path = file("sealed.json", JSON.stringify({ a: 1, b: token }));
    const started = startEarly({ key: keyOf(), path, work: "open" });
    const { salt } = parseToken(token);
    expect(started?.key).toEqual(KEY.bytes);
    expect(started?.salt).toEqual(salt);
    expect(await started?.derived).toEqual(await createDeriver().derive(KEY, salt));
  });

  it("takes the active key of a key file", () => {
    const keyFile = file("key", `${OTHER_KEY.reveal()}\n${KEY.reveal()}\n`);
    const key = keyOf({ PROXMOX_MCP_MASTER_KEY_FILE: keyFile });
    const path = file("sealed.json", token);
    expect(startEarly({ key, path, work: "open" })?.key).toEqual(OTHER_KEY.bytes);
  });

  it("does not ask a keyring, which might want a password twice", () => {
    const path = file("sealed.json", token);
    const key = { ...keyOf(), keyring: "work" };
    expect(startEarly({ key, path, work: "open" })).toBeUndefined();
  });

  it.each([
    ["seal bound", 17],
    ["seal unbound", 16],
  ] as const)("draws a salt to %s with, a new one each time", (work, length) => {
    const path = file("config.json", "{}");
    const [one, other] = [0, 1].map(() => startEarly({ key: keyOf(), path, work })?.salt);
    expect(one).toHaveLength(length);
    expect(one).not.toEqual(other);
    if (length === 17) expect(one?.[16]).toBe(1);
  });

  it.each([
    ["no token", "{}"],
    ["no whole token", "enc:AAAA"],
    ["more text than is worth reading twice", token + " ".repeat(2 ** 20)],
    ["no text", "\0\0"],
  ])("begins nothing to open a file that holds %s", (_, content) => {
    const path = file("config.json", content);
    expect(startEarly({ key: keyOf(), path, work: "open" })).toBeUndefined();
  });

  it("begins nothing without a file, and waits for no pipe", () => {
    const pipe = join(directory(), "pipe");
    spawnSync("mkfifo", [pipe]);
    const folder = join(directory(), "folder");
    mkdirSync(folder);
    for (const path of [join(directory(), "missing"), folder, pipe, "-"]) {
      expect(startEarly({ key: keyOf(), path, work: "seal bound" })).toBeUndefined();
      expect(startEarly({ key: keyOf(), path, work: "open" })).toBeUndefined();
    }
  });

  it.each([
    ["no key", {}],
    ["a key that is none", { PROXMOX_MCP_MASTER_KEY: "example" }],
    ["a key file that is missing", { PROXMOX_MCP_MASTER_KEY_FILE: "/nowhere/key" }],
    ["a key in the place of a path", { PROXMOX_MCP_MASTER_KEY_FILE: KEY.reveal() }],
  ])("begins nothing with %s", (_, env) => {
    const path = file("sealed.json", token);
    expect(startEarly({ key: keyOf(env), path, work: "open" })).toBeUndefined();
  });

  it("runs no command for a key", () => {
    const ran = join(directory(), "ran");
    const key = keyOf({ PROXMOX_MCP_MASTER_KEY_COMMAND: `touch ${ran}` });
    expect(startEarly({ key, path: file("sealed.json", token), work: "open" })).toBeUndefined();
    expect(existsSync(ran)).toBe(false);
  });
});
