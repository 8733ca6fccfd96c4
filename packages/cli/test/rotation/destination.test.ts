import type { KeySource } from "@proxmox-mcp/crypto/internal";
import { describe, expect, test } from "vitest";
import { chooseDestination, type DestinationFlags } from "../../src/rotation/destination.ts";

const HOME = "/home/user/.proxmox_mcp_key";
const SOURCES: Readonly<Record<string, KeySource>> = {
  "a writable file": { kind: "file", path: "/keys/rw", from: "--key-file /keys/rw" },
  "a read-only file": { kind: "file", path: "/keys/ro", from: "--key-file /keys/ro" },
  "a variable": { kind: "variable", name: "KEY", text: "unread", from: "--key-env KEY" },
  "a command": { kind: "command", argv: ["pass", "key"], from: "PROXMOX_MCP_MASTER_KEY_COMMAND" },
  "a keyring": { kind: "keyring", account: "work", from: "the keyring entry work" },
};
const SINK = { argv: ["gh", "secret", "set", "KEY"] };
const NONE = "error KEY_DESTINATION";

function choose(flags: DestinationFlags, source: string, isTerminal: boolean): unknown {
  const found = SOURCES[source];
  if (found === undefined) throw new Error(`no source ${source}`);
  try {
    return chooseDestination(flags, {
      source: found,
      isWritable: (path) => path === "/keys/rw",
      isTerminal,
      homeFile: HOME,
    });
  } catch (error) {
    return `error ${(error as { code: string }).code}`;
  }
}

const own = { kind: "key-file", path: "/keys/rw" };
const home = { kind: "out", path: HOME };
const out = { kind: "out", path: "next.key" };
const entry = { kind: "keyring", account: "work" };
const given = { kind: "given", path: "made.key" };
const sink = { kind: "sink", sink: SINK, keyFile: undefined };
const sinkBesideFile = { kind: "sink", sink: SINK, keyFile: "/keys/rw" };

// The rows of the design, in their order: the first that matches holds.
describe.each([
  ["a terminal", true],
  ["no terminal", false],
])("at %s", (_, isTerminal) => {
  test.each<[flags: DestinationFlags, expected: Readonly<Record<string, unknown>>]>([
    [
      { newKeySink: "gh secret set KEY" },
      {
        "a writable file": sinkBesideFile,
        "a read-only file": sink,
        "a variable": sink,
        "a command": sink,
        "a keyring": sink,
      },
    ],
    [
      { newKeyFile: "made.key" },
      {
        "a writable file": given,
        "a read-only file": given,
        "a variable": given,
        "a command": given,
        "a keyring": given,
      },
    ],
    [
      { newKeyOut: "next.key" },
      {
        "a writable file": out,
        "a read-only file": out,
        "a variable": out,
        "a command": out,
        "a keyring": out,
      },
    ],
    [
      {},
      isTerminal
        ? {
            "a writable file": own,
            "a read-only file": home,
            "a variable": home,
            "a command": home,
            "a keyring": entry,
          }
        : {
            "a writable file": own,
            "a read-only file": NONE,
            "a variable": NONE,
            "a command": NONE,
            "a keyring": entry,
          },
    ],
  ])("%j", (flags, expected) => {
    const chosen = Object.keys(SOURCES).map((name) => [name, choose(flags, name, isTerminal)]);
    expect(Object.fromEntries(chosen)).toEqual(expected);
  });
});

test.each<[DestinationFlags, string]>([
  [{ newKeySink: "gh", newKeyFile: "a" }, "--new-key-sink and --new-key-file"],
  [{ newKeySink: "gh", newKeyOut: "a" }, "--new-key-sink and --new-key-out"],
  [{ newKeyFile: "a", newKeyOut: "b" }, "--new-key-file and --new-key-out"],
  [{ sinkVerify: "cat key" }, "--sink-verify and --sink-time-limit need --new-key-sink"],
  [{ sinkTimeLimit: 1000, newKeyOut: "a" }, "need --new-key-sink"],
])("%j contradicts itself", (flags, message) => {
  const surroundings = {
    source: SOURCES["a writable file"] as KeySource,
    isWritable: () => true,
    isTerminal: true,
    homeFile: HOME,
  };
  expect(() => chooseDestination(flags, surroundings)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining(message) }),
  );
});

test("the command for storing and that for reading back stay together, with their limit", () => {
  const flags = { newKeySink: "gh set", sinkVerify: "gh get 'MY KEY'", sinkTimeLimit: 5000 };
  expect(choose(flags, "a variable", false)).toMatchObject({
    sink: { argv: ["gh", "set"], verifyArgv: ["gh", "get", "MY KEY"], timeLimit: 5000 },
  });
});
