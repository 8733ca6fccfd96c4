/** Arguments that make no sense. */
import { describe } from "vitest";
import { BOUND, config, SECRET } from "../material.ts";
import { refuses } from "./refusal.ts";

const usage = { status: 2, code: "USAGE" } as const;
const help = /--help/;
const plain = { "config.json": config() };
const sealed = { "sealed.json": config(BOUND.token) };

describe("commands", () => {
  refuses([
    {
      ...usage,
      what: "none",
      run: [],
      says: /Configuration file required \(or use --generate-key\)/,
      wayOut: help,
    },
    {
      ...usage,
      what: "one that nearly exists",
      run: ["encrpyt", "config.json"],
      says: /unknown command 'encrpyt' \(did you mean encrypt\?\)/,
      wayOut: help,
    },
    {
      ...usage,
      what: "one that is like no other",
      run: ["frobnicate"],
      says: /unknown command 'frobnicate'$/,
      wayOut: help,
    },
    {
      ...usage,
      what: "one after options",
      run: ["--key-file", "key", "decript", "config.json"],
      says: /unknown command 'decript' \(did you mean decrypt\?\)/,
      wayOut: help,
    },
    {
      ...usage,
      what: "encrypt of nothing",
      run: ["encrypt"],
      says: /missing required argument 'file'/,
      wayOut: /proxmox-mcp-encrypt encrypt --help/,
    },
    {
      ...usage,
      what: "an output without a name, as an unset variable gives it",
      given: { "config.json": "{}" },
      run: ["encrypt", "config.json", "-o", ""],
      says: /--output <file>.*empty/,
      wayOut: /proxmox-mcp-encrypt encrypt --help/,
    },
    {
      ...usage,
      what: "set of no field",
      run: ["set", "config.json"],
      says: /missing required argument 'field'/,
      wayOut: /proxmox-mcp-encrypt set --help/,
    },
    {
      ...usage,
      what: "set with the value as an argument, which is not repeated",
      given: sealed,
      run: ["set", "sealed.json", "/auth/token_value", SECRET],
      says: /too many arguments/,
      wayOut: /proxmox-mcp-encrypt set --help/,
    },
  ]);
});

describe("options", () => {
  refuses([
    {
      ...usage,
      what: "one that does not exist",
      run: ["encrypt", "config.json", "--frobnicate"],
      says: /unknown option '--frobnicate'/,
      wayOut: /proxmox-mcp-encrypt encrypt --help/,
    },
    {
      ...usage,
      what: "one that nearly exists",
      run: ["encrypt", "config.json", "--fields", "/x"],
      says: /unknown option '--fields' \(did you mean --field\?\)/,
      wayOut: help,
    },
    ...(
      [
        [["--no-such-option"], /^unknown option '--no-such-option'$/],
        [
          ["--generate-keys"],
          /^unknown option '--generate-keys' \(did you mean --generate-key\?\)$/,
        ],
        [["--statsu"], /^unknown option '--statsu' \(did you mean --status\?\)$/],
        [["--rotate-key", "--yess"], /^unknown option '--yess' \(did you mean --yes\?\)$/],
        [["--rotate-key-all", "-x"], /^unknown option '-x'$/],
        [["-o", "out.json", `--no-such=${SECRET}`], /^unknown option '--no-such'$/],
        [["--rotate-key", `--${SECRET}`], /^unknown option$/],
      ] as const
    ).map(([run, says]) => ({
      ...usage,
      what: `one that does not exist, before any command: ${run.join(" ")}`,
      run,
      says,
      wayOut: /^`proxmox-mcp-encrypt --help` shows what can be written$/,
    })),
    {
      ...usage,
      what: "one without its value",
      run: ["encrypt", "config.json", "--field"],
      says: /argument missing/,
      wayOut: help,
    },
    ...(
      [
        [["status", "a.json", "--max-age", "90"], /90d, 12h, 30m, 45s, 8w/],
        [["status", "a.json", "--max-age", "1y"], /90d, 12h, 30m, 45s, 8w/],
        [["status", "a.json", "--max-derivations", "0"], /whole number/],
        [["encrypt", "a.json", "--rebind", "/a"], /OLD=NEW/],
        [["encrypt", "a.json", "--rebind", "/a=/b=/c"], /OLD=NEW/],
        [["encrypt", "a.json", "--format", "xml"], /json, yaml, env/],
        [["set", "a.json", "/x", "--generate", "password"], /uuid, hex32, base64/],
      ] as const
    ).map(([run, says]) => ({
      ...usage,
      what: run.slice(-2).join(" "),
      run,
      says,
      wayOut: help,
    })),
  ]);
});

describe("options that exclude each other", () => {
  refuses([
    {
      ...usage,
      what: "--in-place and --output",
      given: plain,
      run: ["encrypt", "config.json", "--in-place", "-o", "out.json"],
      says: /--in-place needs a file and excludes --output/,
      wayOut: /encrypt FILE --in-place/,
    },
    {
      ...usage,
      what: "--in-place and stdin",
      run: ["encrypt", "-", "--in-place"],
      says: /--in-place needs a file/,
      wayOut: /encrypt FILE -o OUT/,
    },
    {
      ...usage,
      what: "--field and --output, for decrypt",
      given: sealed,
      run: ["decrypt", "sealed.json", "--field", "/auth/token_value", "-o", "out"],
      says: /--field prints to stdout and excludes --output/,
      wayOut: /leave out one/,
    },
    {
      ...usage,
      what: "set and stdin as the file",
      run: ["set", "-", "/auth/token_value"],
      says: /stdin carries the new value/,
      wayOut: /set FILE FIELD/,
    },
  ]);
});

describe("a new value for set", () => {
  const place = { file: "sealed.json", location: "/auth/token_value", line: 6, column: 20 };
  const shared = { given: sealed, run: ["set", "sealed.json", "/auth/token_value"], place };
  refuses([
    {
      ...usage,
      ...shared,
      what: "that is empty, from a stdin that is closed",
      around: { through: ["sh", "-c", 'exec "$@" <&-', "sh"] },
      says: /the new value is empty/,
      wayOut: /pipe it in/,
    },
    {
      ...usage,
      ...shared,
      what: "that is a line end alone",
      around: { input: "\n" },
      says: /the new value is empty/,
      wayOut: /pipe it in/,
    },
    {
      ...usage,
      ...shared,
      what: "that is a token already",
      around: { input: BOUND.token },
      says: /a token already/,
      wayOut: /the secret itself/,
    },
    {
      ...shared,
      what: "that holds a placeholder",
      around: { input: "${SECRET}" },
      status: 5,
      code: "PLACEHOLDER",
      says: /a sealed value is never expanded/,
      wayOut: /--force/,
    },
    {
      ...shared,
      what: "that is not UTF-8",
      around: { input: Buffer.from([0x61, 0xff]) },
      place: { file: "stdin", line: 1, column: 2 },
      status: 5,
      code: "FILE_NOT_TEXT",
      says: /stdin/,
      wayOut: /UTF-8/,
    },
    {
      what: "of a field that nearly exists",
      given: sealed,
      run: ["set", "sealed.json", "/auth/token_valeu", "--generate", "uuid"],
      place: { file: "sealed.json", location: "/auth/token_valeu" },
      status: 5,
      code: "FIELD_NOT_FOUND",
      says: /did you mean \/auth\/token_value\?/,
      wayOut: /status FILE/,
    },
    {
      ...usage,
      what: "of a field that is no secret",
      given: sealed,
      run: ["set", "sealed.json", "/auth/user", "--generate", "uuid"],
      place: { file: "sealed.json", location: "/auth/user", line: 4, column: 13 },
      says: /\/auth\/user is no secret field/,
      wayOut: /--force/,
    },
  ]);
});
