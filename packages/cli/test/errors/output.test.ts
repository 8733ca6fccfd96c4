/** Outputs that cannot or must not be written. */
import { linkSync, mkdirSync, symlinkSync } from "node:fs";
import { describe } from "vitest";
import type { Cli } from "../cli.ts";
import { BOUND, config, KEY } from "../material.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import { findProgram } from "../programs.ts";
import { type BadInput, refuses } from "./refusal.ts";

const windows = process.platform === "win32" ? "POSIX only" : undefined;
const plain = { "config.json": config() };
const sealed = { "sealed.json": config(BOUND.token) };

describe("an output that exists", () => {
  refuses([
    {
      what: "with other values, for encrypt",
      given: { ...plain, "config.encrypted.json": config("another example") },
      run: ["encrypt", "config.json"],
      status: 8,
      code: "OUTPUT_EXISTS",
      place: { file: "config.encrypted.json" },
      says: /config\.encrypted\.json exists already and holds other values; nothing was written/,
      wayOut: /-o.*--force/,
    },
    {
      what: "and is no config at all, for encrypt",
      given: { ...plain, "notes.txt": "mine" },
      run: ["encrypt", "config.json", "-o", "notes.txt"],
      status: 8,
      code: "OUTPUT_EXISTS",
      place: { file: "notes.txt" },
      says: /notes\.txt exists already/,
      wayOut: /--force/,
    },
    {
      what: "as a link to nothing, even with --force",
      given: (cli) => {
        cli.write("config.json", config());
        symlinkSync("absent.json", cli.path("out.json"));
      },
      skip: windows,
      run: ["encrypt", "config.json", "-o", "out.json", "--force"],
      status: 8,
      code: "WRITE_FAILED",
      place: (cli) => ({ file: cli.path("out.json") }),
      says: /out\.json is a link to a file that is not there; nothing was written/,
      wayOut: /name the file itself/,
    },
    {
      what: "for decrypt, even with --force",
      given: { ...sealed, "plain.json": config() },
      run: ["decrypt", "sealed.json", "-o", "plain.json", "--force"],
      status: 8,
      code: "OUTPUT_EXISTS",
      place: { file: "plain.json" },
      says: /plain\.json exists already; nothing was written/,
      wayOut: /choose another name/,
    },
    {
      what: "for decrypt, as the file itself",
      given: sealed,
      run: ["decrypt", "sealed.json", "-o", "sealed.json"],
      status: 8,
      code: "OUTPUT_EXISTS",
      place: { file: "sealed.json" },
      says: /sealed\.json exists already/,
      wayOut: /choose another name/,
    },
    {
      what: "for decrypt, as a link that leads nowhere",
      given: (cli) => {
        cli.write("sealed.json", config(BOUND.token));
        symlinkSync("elsewhere.json", cli.path("plain.json"));
      },
      run: ["decrypt", "sealed.json", "-o", "plain.json"],
      status: 8,
      code: "OUTPUT_EXISTS",
      place: (cli) => ({ file: cli.path("plain.json") }),
      says: /plain\.json exists already/,
      wayOut: /another file|another name/,
    },
    {
      what: "for generate-key, in the home",
      run: ["generate-key"],
      status: 8,
      code: "KEY_FILE_EXISTS",
      place: (cli) => ({ file: cli.keyFile }),
      says: /\.proxmox_mcp_key exists already; nothing was written/,
      wayOut: /rotate-key/,
    },
    {
      what: "for generate-key, with nothing in it",
      homeKey: "",
      run: ["--generate-key"],
      status: 8,
      code: "KEY_FILE_EXISTS",
      place: (cli) => ({ file: cli.keyFile }),
      says: /exists already; nothing was written/,
      wayOut: /rotate-key/,
    },
    ...(
      [
        ["encrypt", ["encrypt", "config.json", "-o", "out"], "out"],
        ["decrypt", ["decrypt", "sealed.json", "-o", "out"], "out"],
        ["decrypt --force", ["decrypt", "sealed.json", "-o", "out", "--force"], "out"],
        ["generate-key", ["generate-key", "-o", "out"], undefined],
      ] as const
    ).map(([command, run, file]) => ({
      what: `as a directory, for ${command}`,
      given: { ...plain, ...sealed, "out/file": "" },
      run,
      status: 5,
      code: "FILE_NOT_REGULAR",
      place: (cli: Cli) => ({ file: file ?? cli.path("out") }),
      says: /out is a directory/,
      wayOut: /^name a file in it$/,
    })),
    {
      what: "as a link to a directory, for generate-key",
      given: (cli) => {
        cli.write("out/file", "");
        symlinkSync("out", cli.path("link"), "dir");
      },
      skip: windows,
      run: ["generate-key", "-o", "link"],
      status: 5,
      code: "FILE_NOT_REGULAR",
      place: (cli) => ({ file: cli.path("link") }),
      says: /link is a directory; nothing was written/,
      wayOut: /^name a file in it$/,
    },
    {
      what: "as a device, for encrypt",
      given: plain,
      skip: windows,
      run: ["encrypt", "config.json", "-o", "/dev/null"],
      status: 5,
      code: "FILE_NOT_REGULAR",
      place: { file: "/dev/null" },
      says: /\/dev\/null is not a regular file/,
      wayOut: /for standard input and output write -/,
    },
    {
      what: "as a directory, for encrypt --force",
      given: { ...plain, "out/file": "" },
      run: ["encrypt", "config.json", "-o", "out", "--force"],
      status: 5,
      code: "FILE_NOT_REGULAR",
      place: (cli) => ({ file: cli.path("out") }),
      says: /out is a directory/,
      wayOut: /name a file in it/,
    },
  ]);
});

/** Every command that writes, and the place that its error names. */
function writers(where: string): readonly (readonly [string, readonly string[], string])[] {
  return [
    ["encrypt -o", ["encrypt", "config.json", "-o", `${where}/out.json`], `${where}/out.json`],
    ["decrypt -o", ["decrypt", "sealed.json", "-o", `${where}/out.json`], `${where}/out.json`],
    ["generate-key -o", ["generate-key", "-o", `${where}/key`], `${where}/key`],
  ];
}

describe("a directory that is missing", () => {
  refuses(
    writers("no/such").map(([what, run, file]) => ({
      what: `for ${what}`,
      given: { ...plain, ...sealed },
      run,
      status: 8,
      code: "WRITE_FAILED",
      place: { file },
      says: /no such file or directory; nothing was changed/,
      wayOut: /mkdir -p no\/such/,
    })),
  );
});

describe("a directory that is there and takes no file", () => {
  refuses([
    {
      what: "for decrypt",
      given: sealed,
      skip: process.platform === "linux" ? undefined : "no /proc here",
      run: ["decrypt", "sealed.json", "-o", "/proc/out.json"],
      status: 8,
      code: "WRITE_FAILED",
      place: { file: "/proc" },
      says: /cannot write in \/proc/,
      wayOut: /^no file can be made in \/proc: use another directory$/,
    },
  ]);
});

describe("a directory that is read-only", () => {
  const shared = {
    status: 8,
    code: "WRITE_FAILED",
    says: /permission denied; nothing was changed/,
    wayOut: /run as a user who may write in/,
    skip: asOrdinaryUser === undefined ? "no way to be another user than root" : undefined,
    around: { through: asOrdinaryUser ?? [], env: { PROXMOX_MCP_MASTER_KEY: KEY } },
    homeKey: undefined,
  } as const;
  const given = (cli: Cli) => {
    cli.write("config.json", config());
    cli.write("sealed.json", config(BOUND.token));
    mkdirSync(cli.path("out"), { mode: 0o555 });
  };
  const inPlace: readonly (readonly [string, readonly string[]])[] = [
    ["encrypt", ["encrypt", "config.json"]],
    ["encrypt --in-place", ["encrypt", "config.json", "--in-place"]],
    ["set", ["set", "sealed.json", "/auth/token_value", "--generate", "uuid"]],
  ];
  refuses([
    ...writers("out").map(([what, run]) => ({
      ...shared,
      what: `for ${what}`,
      given,
      run,
      place: (cli: Cli) => ({ file: cli.path("out") }),
    })),
    ...inPlace.map(([what, run]) => ({
      ...shared,
      what: `for ${what} beside the config`,
      given,
      run,
      place: (cli: Cli) => ({ file: cli.directory }),
    })),
  ]);
});

describe("a disk that is full", () => {
  // A file may have no more bytes than the limit: what a full disk says, at the same places.
  const around = { through: ["sh", "-c", 'ulimit -f 1 && exec "$@"', "sh"] };
  const long = `"x-notes": "${"long ".repeat(2000)}",\n  "proxmox"`;
  const commands: readonly (readonly [string, readonly string[], string])[] = [
    ["encrypt", ["encrypt", "config.json"], "config.encrypted.json"],
    ["encrypt --in-place", ["encrypt", "config.json", "--in-place"], "config.json"],
    ["decrypt -o", ["decrypt", "sealed.json", "-o", "out.json"], "out.json"],
    ["set", ["set", "sealed.json", "/auth/token_value", "--generate", "hex32"], "sealed.json"],
  ];
  refuses(
    commands.map(([what, run, file]) => ({
      what: `for ${what}`,
      given: {
        "config.json": config().replace('"proxmox"', long),
        "sealed.json": config(BOUND.token).replace('"proxmox"', long),
      },
      run,
      around,
      skip: windows,
      status: 8,
      code: "WRITE_FAILED",
      place: (cli: Cli) => ({ file: cli.path(file) }),
      says: /larger than this process or file system allows; nothing was changed/,
      wayOut: /ulimit -f/,
    })),
  );
});

describe("a file that must not be replaced", () => {
  const replaced = ["encrypt", "config.json", "--in-place"];
  const flock = findProgram("flock");
  const cases: readonly BadInput[] = [
    {
      what: "one with several names",
      given: (cli) => {
        cli.write("config.json", config());
        linkSync(cli.path("config.json"), cli.path("second.json"));
      },
      run: replaced,
      status: 8,
      code: "WRITE_FAILED",
      place: (cli) => ({ file: cli.path("config.json") }),
      says: /it has 2 hard links/,
      wayOut: /remove the other names/,
    },
    {
      what: "one in a directory that another run has locked",
      given: { ...plain, ".proxmox-mcp.lock": "" },
      run: replaced,
      around: (cli) => ({ through: [flock ?? "", cli.path(".proxmox-mcp.lock")] }),
      skip: flock === undefined ? "there is no flock command" : undefined,
      status: 10,
      code: "LOCKED",
      place: (cli) => ({ file: cli.path(".proxmox-mcp.lock") }),
      says: /locked|another run/,
      wayOut: /./,
    },
    {
      what: "one in a directory whose lock is a link",
      given: (cli) => {
        cli.write("config.json", config());
        symlinkSync("elsewhere", cli.path(".proxmox-mcp.lock"));
      },
      run: replaced,
      skip: windows,
      status: 8,
      code: "WRITE_FAILED",
      place: (cli) => ({ file: cli.path(".proxmox-mcp.lock") }),
      says: /is not a lock file; nothing was changed/,
      wayOut: /who made it/,
    },
    {
      what: "one in a directory with an unfinished transaction",
      given: { ...plain, ".proxmox-mcp.txn": "{}" },
      run: replaced,
      status: 9,
      code: "NOT_CLOSED",
      place: (cli) => ({ file: cli.path(".proxmox-mcp.txn") }),
      says: /an earlier run in .* was not closed, and its record is damaged; nothing was changed/,
      wayOut: /./,
    },
  ];
  refuses(cases);
});
