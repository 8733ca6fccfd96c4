/** Master keys that are missing, mistaken or at odds. */
import { describe } from "vitest";
import type { Cli } from "../cli.ts";
import { BOUND, config, KEY, OTHER_KEY, PLACE } from "../material.ts";
import { type BadInput, refuses } from "./refusal.ts";

const MASTER_KEY = "PROXMOX_MCP_MASTER_KEY";
const SEALED = { "sealed.json": config(BOUND.token) };
/** 32 bytes that somebody made with a keyboard. */
const PASSPHRASE = Buffer.from("an example passphrase, 32 chars.").toString("base64url");

/** A key text in a variable, for a command that needs a good key. */
function inVariable(
  what: string,
  text: string,
  code: string,
  expected: Pick<BadInput, "says" | "wayOut" | "place">,
): BadInput {
  return {
    what,
    given: SEALED,
    homeKey: undefined,
    run: ["decrypt", "sealed.json"],
    around: { env: { [MASTER_KEY]: text } },
    status: 3,
    code,
    ...expected,
  };
}

describe("no key", () => {
  const expected = {
    homeKey: undefined,
    status: 3,
    code: "KEY_MISSING",
    says: /there is no master key/,
    wayOut: /generate-key/,
  } as const;
  refuses([
    { ...expected, what: "to encrypt", given: { "a.json": config() }, run: ["encrypt", "a.json"] },
    { ...expected, what: "to decrypt", given: SEALED, run: ["decrypt", "sealed.json"] },
    {
      ...expected,
      what: "to set a field",
      given: SEALED,
      run: ["set", "sealed.json", "/auth/token_value", "--generate", "uuid"],
    },
    {
      ...expected,
      what: "in the variable that --key-env names, not even for status",
      homeKey: KEY,
      given: SEALED,
      run: ["status", "sealed.json", "--key-env", "PROXMOX_MCP_MASTER_KEY_DEV"],
      says: /PROXMOX_MCP_MASTER_KEY_DEV, named by --key-env, is not set/,
      wayOut: /set PROXMOX_MCP_MASTER_KEY_DEV/,
    },
  ]);
});

describe("a key text that cannot be used", () => {
  const first = { place: { line: 1 } } as const;
  const made = /^put the whole key back from its backup.*generate-key/;
  refuses([
    inVariable("a variable set to nothing", "", "KEY_EMPTY", {
      says: /PROXMOX_MCP_MASTER_KEY holds no key: it is empty/,
      wayOut: /backup/,
    }),
    inVariable("a variable of white space", " \n", "KEY_EMPTY", {
      says: /holds no key: it is empty/,
      wayOut: /backup/,
    }),
    inVariable("quoted", `"${KEY}"`, "KEY_INVALID", {
      ...first,
      says: /has quotes around or in it: remove them/,
      wayOut: made,
    }),
    inVariable("two keys glued together", KEY + OTHER_KEY, "KEY_INVALID", {
      ...first,
      says: /two keys are glued together/,
      wayOut: made,
    }),
    inVariable("with a character too few", KEY.slice(1), "KEY_INVALID", {
      ...first,
      says: /cut short or has characters too many/,
      wayOut: made,
    }),
    inVariable("no base64url", `${KEY.slice(0, -2)}!=`, "KEY_INVALID", {
      ...first,
      says: /a character that base64url does not have/,
      wayOut: made,
    }),
    inVariable("the same key twice", `${KEY}\n${OTHER_KEY}\n${KEY}\n`, "KEY_DUPLICATE", {
      place: { line: 3 },
      says: /the same master key twice, first in line 1/,
      wayOut: /remove one of the two/,
    }),
    inVariable("a successor first", `next:${KEY}\n`, "KEY_INVALID", {
      ...first,
      says: /the active key comes first/,
      wayOut: /the active key first/,
    }),
    inVariable("a comment first", `# mine\n${KEY}\n`, "KEY_INVALID", {
      ...first,
      says: /a comment before the first key/,
      wayOut: /the active key first/,
    }),
  ]);
});

describe("a key that may open and never seal", () => {
  const commands = [
    ["encrypt", ["encrypt", "config.json"]],
    ["set", ["set", "config.json", "/auth/token_value", "--generate", "uuid"]],
  ] as const;
  const keys = [
    ["of 31 bytes", Buffer.alloc(31, 0xee).toString("base64url"), "is 31 bytes long instead of 32"],
    ["of 33 bytes", Buffer.alloc(33, 0xee).toString("base64url"), "is 33 bytes long instead of 32"],
    ["of printable text", PASSPHRASE, "is printable text, so a passphrase and no random key"],
  ] as const;
  // Who only made a new key would lose what the old one sealed, and could not while its file is there.
  const wayOut =
    /put the whole key back.*rotate-key FILE`, with `--new-key-out NEW_KEY_FILE` where .*nothing is sealed with it.*generate-key -o NEW_KEY_FILE`/;
  const holders = [
    {
      holder: "in the home",
      around: {},
      inHome: true,
      place: (cli: Cli) => ({ file: cli.keyFile }),
      named: String.raw`the active master key in \S+\.proxmox_mcp_key`,
    },
    {
      holder: "in a variable",
      around: (key: string) => ({ env: { [MASTER_KEY]: key } }),
      inHome: false,
      place: {},
      named: `the active master key in ${MASTER_KEY}`,
    },
  ] as const;
  refuses(
    commands.flatMap(([command, run]) =>
      keys.flatMap(([kind, key, trouble]) =>
        holders.map(({ holder, around, inHome, place, named }) => ({
          what: `${command} with a key ${kind} ${holder}`,
          given: { "config.json": config() },
          homeKey: inHome ? key : undefined,
          around: typeof around === "function" ? around(key) : around,
          run,
          status: 3,
          code: "KEY_INVALID",
          place,
          says: new RegExp(`${named} ${trouble}; nothing is sealed with it$`),
          wayOut,
        })),
      ),
    ),
  );
});

describe("a key file", () => {
  const run = ["decrypt", "sealed.json", "--key-file", "key"];
  const unreadable = { status: 3, code: "KEY_UNREADABLE", place: { file: "key" } } as const;
  refuses([
    {
      ...unreadable,
      what: "that is missing",
      given: SEALED,
      run,
      says: /key file not found: key/,
      wayOut: /generate-key -o key/,
    },
    {
      what: "that is empty",
      given: { ...SEALED, key: "" },
      run,
      status: 3,
      code: "KEY_EMPTY",
      place: { file: "key" },
      says: /key file key holds no key: it is empty/,
      wayOut: /backup/,
    },
    {
      ...unreadable,
      what: "that is a directory",
      given: { ...SEALED, "key/file": "" },
      run,
      says: /key is a directory/,
      wayOut: /name a file/,
    },
    {
      ...unreadable,
      what: "that is binary",
      given: { ...SEALED, key: Buffer.from(KEY, "base64url") },
      run,
      says: /key file key is not text/,
      wayOut: /44 characters of base64url/,
    },
    {
      what: "in the home that is empty",
      given: SEALED,
      homeKey: "",
      run: ["decrypt", "sealed.json"],
      status: 3,
      code: "KEY_EMPTY",
      place: (cli) => ({ file: cli.keyFile }),
      says: /holds no key: it is empty/,
      wayOut: /backup/,
    },
  ]);
});

describe("a part of a key in the place of its file", () => {
  const hidden = "[key-shaped text]";
  const cut = KEY.slice(0, 40);
  const command = ["decrypt", "sealed.json"];
  const missing = { given: SEALED, status: 3, code: "KEY_UNREADABLE" } as const;
  const unseen = {
    ...missing,
    place: { file: hidden },
    says: /key file not found: \[key-shaped text\]/,
    wayOut: /generate-key -o \[key-shaped text\]/,
  };
  refuses([
    { ...unseen, what: "in a flag", run: [...command, "--key-file", cut] },
    { ...unseen, what: "and its end", run: [...command, "--key-file", KEY.slice(8)] },
    {
      ...unseen,
      what: "in a variable",
      run: command,
      around: { env: { PROXMOX_MCP_MASTER_KEY_FILE: cut } },
    },
    {
      ...unseen,
      what: "of the next key",
      run: ["rotate-key", "sealed.json", "--new-key-file", cut],
    },
    {
      ...missing,
      what: "is none if it is a long name",
      run: [...command, "--key-file", "Proxmox-MCP-Master-Key-2026-Production"],
      place: { file: "Proxmox-MCP-Master-Key-2026-Production" },
      says: /key file not found: Proxmox-MCP-Master-Key-2026-Production/,
      wayOut: /generate-key/,
    },
  ]);
});

describe("sources", () => {
  refuses([
    {
      what: "two variables that disagree",
      given: { ...SEALED, key: OTHER_KEY },
      run: ["decrypt", "sealed.json"],
      around: { env: { [MASTER_KEY]: KEY, PROXMOX_MCP_MASTER_KEY_FILE: "key" } },
      status: 3,
      code: "KEY_CONFLICT",
      says: /PROXMOX_MCP_MASTER_KEY and PROXMOX_MCP_MASTER_KEY_FILE \(key\) hold different active/,
      wayOut: /unset one of them, or name the right one with --key-file or --key-env/,
    },
    {
      what: "both flags",
      given: { ...SEALED, key: KEY },
      run: ["decrypt", "sealed.json", "--key-file", "key", "--key-env", "KEY"],
      around: { env: { KEY } },
      status: 2,
      code: "USAGE",
      says: /--key-file and --key-env are both given/,
      wayOut: /one source/,
    },
    {
      what: "a command that fails",
      given: SEALED,
      run: ["decrypt", "sealed.json"],
      around: { env: { PROXMOX_MCP_MASTER_KEY_COMMAND: `node -e 'process.exit(3)' ` } },
      status: 3,
      code: "KEY_UNREADABLE",
      says: /the command node ended with status 3/,
      wayOut: /run it by hand/,
    },
    {
      what: "a command that does not exist",
      given: SEALED,
      run: ["decrypt", "sealed.json"],
      around: { env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "./absent --print" } },
      status: 3,
      code: "KEY_UNREADABLE",
      says: /the command \.\/absent could not be started/,
      wayOut: /run it by hand/,
    },
    {
      what: "a command that prints nothing",
      given: SEALED,
      run: ["decrypt", "sealed.json"],
      around: { env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "node -e 0" } },
      status: 3,
      code: "KEY_EMPTY",
      says: /holds no key: it is empty/,
      wayOut: /backup/,
    },
  ]);
});

describe("the wrong key", () => {
  const wrong = {
    given: SEALED,
    status: 4,
    code: "NO_KEY_OPENS",
    place: { file: "sealed.json", ...PLACE },
    says: /Token decryption failed/,
  } as const;
  refuses([
    {
      ...wrong,
      what: "says that it may be a damaged token as well",
      homeKey: OTHER_KEY,
      run: ["decrypt", "sealed.json"],
      says: /the key is another one, or the token is corrupted/,
      wayOut: /name the key that sealed it.*restore the value from a backup/,
    },
    {
      ...wrong,
      what: "while the one in the home opens it",
      run: ["decrypt", "sealed.json"],
      around: { env: { [MASTER_KEY]: OTHER_KEY } },
      wayOut: /the key in .*\.proxmox_mcp_key opens it: name it with --key-file or --key-env/,
    },
    {
      ...wrong,
      what: "while the variable that a flag beats opens it",
      homeKey: OTHER_KEY,
      run: (cli) => ["decrypt", "sealed.json", "--key-file", cli.keyFile],
      around: { env: { [MASTER_KEY]: KEY } },
      wayOut: /the key in PROXMOX_MCP_MASTER_KEY opens it/,
    },
    {
      ...wrong,
      what: "to set another field",
      given: {
        "sealed.json": config(BOUND.token).replace('"mcp@pve"', '"mcp@pve", "password": "x"'),
      },
      homeKey: OTHER_KEY,
      run: ["set", "sealed.json", "/auth/password", "--generate", "uuid"],
      wayOut: /./,
    },
  ]);
});
