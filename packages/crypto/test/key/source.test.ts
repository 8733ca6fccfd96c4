import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.ts";
import {
  chooseKeySources,
  type KeySource,
  type KeySourceQuestion,
  rankKeySources,
} from "../../src/key/source.ts";
import { refusal } from "../refusal.ts";

const HOME = "/home/operator/.proxmox_mcp_key";
const CREDENTIAL = "/run/credentials/unit/proxmox-mcp-master-key";

/** Everything at once; a row of the table takes away what it does not want. */
const everything: KeySourceQuestion = {
  keyFile: "/flag/key",
  keyEnv: undefined,
  env: {
    PROXMOX_MCP_MASTER_KEY: "KEY TEXT",
    PROXMOX_MCP_MASTER_KEY_FILE: "/env/key",
    PROXMOX_MCP_MASTER_KEY_COMMAND: "vault read key",
    PROXMOX_MCP_MASTER_KEY_STAGING: "STAGING TEXT",
    CREDENTIALS_DIRECTORY: "/run/credentials/unit",
  },
  exists: (path) => path === HOME || path === CREDENTIAL,
  homeFile: HOME,
};

const flagFile: KeySource = { kind: "file", path: "/flag/key", from: "--key-file /flag/key" };
const flagEnv: KeySource = {
  kind: "variable",
  name: "PROXMOX_MCP_MASTER_KEY_STAGING",
  text: "STAGING TEXT",
  from: "--key-env PROXMOX_MCP_MASTER_KEY_STAGING",
};
const variable: KeySource = {
  kind: "variable",
  name: "PROXMOX_MCP_MASTER_KEY",
  text: "KEY TEXT",
  from: "PROXMOX_MCP_MASTER_KEY",
};
const file: KeySource = {
  kind: "file",
  path: "/env/key",
  from: "PROXMOX_MCP_MASTER_KEY_FILE (/env/key)",
};
const command: KeySource = {
  kind: "command",
  argv: ["vault", "read", "key"],
  from: "PROXMOX_MCP_MASTER_KEY_COMMAND",
};
const credential: KeySource = {
  kind: "file",
  path: CREDENTIAL,
  from: "the systemd credential proxmox-mcp-master-key",
};
const home: KeySource = { kind: "file", path: HOME, from: HOME };

const keyring: KeySource = {
  kind: "keyring",
  account: "master-key",
  from: "the keyring entry master-key",
};

const { env } = everything;
const none = { keyFile: undefined, env: {} };

describe("choosing where the master key comes from", () => {
  it.each<[string, Partial<KeySourceQuestion>, readonly KeySource[]]>([
    ["--key-file beats everything", {}, [flagFile]],
    [
      "--key-env beats the environment",
      { keyFile: undefined, keyEnv: "PROXMOX_MCP_MASTER_KEY_STAGING" },
      [flagEnv],
    ],
    ["--keyring beats the environment", { keyFile: undefined, keyring: "master-key" }, [keyring]],
    [
      "the environment beats the home file, all of it at once",
      { keyFile: undefined },
      [variable, file, command, credential],
    ],
    [
      "the variable alone",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY: env["PROXMOX_MCP_MASTER_KEY"] } },
      [variable],
    ],
    ["the file alone", { ...none, env: { PROXMOX_MCP_MASTER_KEY_FILE: "/env/key" } }, [file]],
    [
      "the command alone",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "vault read key" } },
      [command],
    ],
    [
      "the credential alone",
      { ...none, env: { CREDENTIALS_DIRECTORY: "/run/credentials/unit" } },
      [credential],
    ],
    [
      "a credentials directory without our key counts for nothing",
      { ...none, env: { CREDENTIALS_DIRECTORY: "/run/credentials/other" } },
      [home],
    ],
    [
      "an empty credentials directory counts for nothing",
      { ...none, env: { CREDENTIALS_DIRECTORY: "" }, exists: () => true },
      [home],
    ],
    ["the home file where nothing else is", none, [home]],
    ["nothing where the home file is missing", { ...none, exists: () => false }, []],
    [
      "nothing for a server, which has no home file",
      { ...none, homeFile: undefined, exists: () => true },
      [],
    ],
    [
      "an empty variable stays a source, so that it fails instead of falling through",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY: "" } },
      [{ ...variable, text: "" }],
    ],
    [
      "an undefined variable is not set",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY: undefined } },
      [home],
    ],
    [
      "a flag is not hindered by a faulty variable that it beats",
      { env: { PROXMOX_MCP_MASTER_KEY_FILE: "", PROXMOX_MCP_MASTER_KEY_COMMAND: "'" } },
      [flagFile],
    ],
    [
      "an empty variable that is named is a source",
      { keyFile: undefined, keyEnv: "EMPTY", env: { EMPTY: "" } },
      [{ kind: "variable", name: "EMPTY", text: "", from: "--key-env EMPTY" }],
    ],
  ])("%s", (_, change, sources) => {
    expect(chooseKeySources({ ...everything, ...change })).toEqual(sources);
  });

  it.each<[string, Partial<KeySourceQuestion>, ErrorCode, RegExp, RegExp]>([
    [
      "a keyring beside a key file",
      { keyring: "master-key" },
      "USAGE",
      /--key-file and --keyring are both given/,
      /one source/,
    ],
    [
      "a keyring beside a variable",
      { keyFile: undefined, keyEnv: "X", keyring: "master-key" },
      "USAGE",
      /--key-env and --keyring are both given/,
      /one source/,
    ],
    [
      "a keyring without an account",
      { keyFile: undefined, keyring: " " },
      "USAGE",
      /names no account/,
      /--keyring alone/,
    ],
    [
      "both flags",
      { keyEnv: "X" },
      "USAGE",
      /--key-file and --key-env are both given/,
      /one source/,
    ],
    [
      "a named variable that is not set",
      { keyFile: undefined, keyEnv: "MISSING" },
      "KEY_MISSING",
      /variable MISSING, named by --key-env, is not set/,
      /set MISSING/,
    ],
    [
      "a name that every object has",
      { keyFile: undefined, keyEnv: "constructor" },
      "KEY_MISSING",
      /variable constructor, named by --key-env, is not set/,
      /set constructor/,
    ],
    [
      "an empty path",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY_FILE: "" } },
      "KEY_EMPTY",
      /PROXMOX_MCP_MASTER_KEY_FILE is set but empty/,
      /path of the key file, or unset/,
    ],
    [
      "an empty command",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY_COMMAND: " " } },
      "KEY_INVALID",
      /PROXMOX_MCP_MASTER_KEY_COMMAND is empty/,
      /command that prints the master key/,
    ],
    [
      "a command with an open quote",
      { ...none, env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "cat 'my key" } },
      "KEY_INVALID",
      /PROXMOX_MCP_MASTER_KEY_COMMAND has a quote that is not closed/,
      /without a shell/,
    ],
  ])("refuses %s", async (_, change, code, message, hint) => {
    const error = await refusal(code, () => chooseKeySources({ ...everything, ...change }));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it("asks only for the credential and the home file whether they exist", () => {
    const asked: string[] = [];
    const exists = (path: string): boolean => {
      asked.push(path);
      return false;
    };
    chooseKeySources({ ...everything, keyFile: undefined, exists });
    chooseKeySources({ ...everything, ...none, exists });
    expect(asked).toEqual([CREDENTIAL, HOME]);
  });
});

describe("ranking the sources at hand", () => {
  it("lists every rank, the strongest first", () => {
    expect(rankKeySources(everything)).toEqual([
      [flagFile],
      [variable, file, command, credential],
      [home],
    ]);
    expect(rankKeySources({ ...everything, ...none, homeFile: undefined })).toEqual([[], [], []]);
  });
});

describe("ranking faulty sources", () => {
  it("counts them for nothing: a hint is no place for a second error", () => {
    const faulty = { PROXMOX_MCP_MASTER_KEY_FILE: "" };
    expect(rankKeySources({ ...everything, env: faulty })).toEqual([[flagFile], [], [home]]);
  });

  it("does not hide a failure of the question itself", () => {
    const exists = () => {
      throw new RangeError("no such thing");
    };
    expect(() => rankKeySources({ ...everything, exists })).toThrow(RangeError);
  });
});

describe("a key in the place of its source", () => {
  const KEY = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
  const noFlag = { keyFile: undefined, keyEnv: undefined };

  it.each<[string, Partial<KeySourceQuestion>]>([
    ["--key-file holds a key, not a path", { keyFile: KEY }],
    ["--key-env holds a key, not the name of a variable", { keyFile: undefined, keyEnv: KEY }],
    ["--keyring holds a key, not the name of an account", { keyFile: undefined, keyring: KEY }],
    [
      "PROXMOX_MCP_MASTER_KEY_FILE holds a key, not a path",
      { ...noFlag, env: { PROXMOX_MCP_MASTER_KEY_FILE: `${KEY}\n` } },
    ],
    [
      "PROXMOX_MCP_MASTER_KEY_COMMAND holds a key, not a command",
      { ...noFlag, env: { PROXMOX_MCP_MASTER_KEY_COMMAND: KEY.slice(0, -1) } },
    ],
  ])("%s", async (message, change) => {
    const error = await refusal("KEY_INVALID", () =>
      chooseKeySources({ ...everything, ...change }),
    );
    expect(error.message).toBe(message);
    expect(error.hint).toBe("use PROXMOX_MCP_MASTER_KEY for a key");
  });

  it("is not what a command's arguments are searched for", () => {
    const env = { PROXMOX_MCP_MASTER_KEY_COMMAND: `vault read ${KEY}` };
    expect(chooseKeySources({ ...everything, ...noFlag, env })).toHaveLength(1);
  });
});
