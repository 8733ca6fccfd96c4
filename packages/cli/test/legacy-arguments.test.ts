import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { translateLegacy } from "../src/legacy-arguments.ts";

const nothingThere = () => false;
const refuseNone = () => undefined;

function translate(line: string): readonly string[] {
  return translateLegacy(line === "" ? [] : line.split(" "), nothingThere, refuseNone);
}

describe("the flags of the Python tool", () => {
  test.each<[line: string, translated: string | undefined, message?: string]>([
    ["config.json", "encrypt config.json"],
    ["config.json -o out.json", "encrypt config.json -o out.json"],
    ["-o out.json config.json", "encrypt -o out.json config.json"],
    ["config.json --output out.json", "encrypt config.json --output out.json"],
    ["config.json --output=out.json", "encrypt config.json --output=out.json"],
    ["config.json --status", "status config.json"],
    ["--status config.json", "status config.json"],
    ["--status", undefined],
    ["--generate-key", "generate-key"],
    ["--generate-key -o key", "generate-key -o key"],
    ["--generate-key --json", "generate-key --json"],
    ["--rotate-key config.json", "rotate-key config.json"],
    ["config.json --rotate-key", "rotate-key config.json"],
    [
      "--rotate-key --new-key-out k config.json --yes",
      "rotate-key --new-key-out k config.json --yes",
    ],
    ["--rotate-key-all configs", "rotate-key-all configs"],
    ["configs --rotate-key-all --exclude x", "rotate-key-all configs --exclude x"],
    ["./config", "encrypt ./config"],
    ["configs\\config", "encrypt configs\\config"],
    ["-", "encrypt -"],
    ["--key-file k config.json", "encrypt --key-file k config.json"],
    ["--debug config.json", "encrypt --debug config.json"],
    ["", undefined],
    ["-o out.json", undefined],
    ["--debug", undefined],
    ["--rotate-key", undefined, "Configuration file required for --rotate-key"],
    ["--rotate-key --key-file k", undefined, "Configuration file required for --rotate-key"],
    ["--rotate-key-all", undefined, "Directory path required for --rotate-key-all"],
    ["--keyring=lab --force", undefined],
    ["-oout.json", undefined],
    ["-o --no-such", undefined],
    ["--key-file=k --", undefined],
  ])("%s", (line, translated, message = "Configuration file required (or use --generate-key)") => {
    if (translated !== undefined) {
      expect(translate(line).join(" ")).toBe(translated);
      return;
    }
    const run = () => translate(line);
    expect(run).toThrow(ProxmoxMcpError);
    expect(run).toThrow(message);
  });
});

// The refusal itself is that of program.ts, and shown by test/errors/usage.test.ts.
test("an unknown option is told before anything that is missing", () => {
  const refuse = (argv: readonly string[]) => {
    throw new ProxmoxMcpError("USAGE", `asked about ${argv.join(" ")}`);
  };
  for (const line of [
    "--no-such",
    "--status --no-such",
    "--rotate-key -x",
    "--rotate-key-all -x",
  ]) {
    const run = () => translateLegacy(line.split(" "), nothingThere, refuse);
    expect(run).toThrow(`asked about ${line}`);
  }
  expect(translateLegacy(["a.json", "-x"], nothingThere, refuse)).toEqual([
    "encrypt",
    "a.json",
    "-x",
  ]);
});

describe("what is left alone", () => {
  test.each([
    "encrypt config.json",
    "decrypt config.json",
    "set config.json /auth/token_value",
    "status config.json",
    "generate-key",
    "help encrypt",
    "--json status config.json",
    "--key-file status decrypt config.json",
    "--help",
    "config.json --help",
    "--version",
    "-V",
    "encrpyt",
  ])("%s", (line) => {
    expect(translate(line).join(" ")).toBe(line);
  });
});

test("a name without a dot is a config where such a file is there, and a command otherwise", () => {
  expect(translateLegacy(["settings"], (path) => path === "settings", refuseNone)).toEqual([
    "encrypt",
    "settings",
  ]);
  expect(translate("settings")).toEqual(["settings"]);
});

test("a file that is named like a command needs a directory ahead of its name", () => {
  expect(translateLegacy(["status"], () => true, refuseNone)).toEqual(["status"]);
  expect(translateLegacy(["./status"], () => true, refuseNone)).toEqual(["encrypt", "./status"]);
});
