import { describe, expect, test } from "vitest";
import { isKeyFileText } from "../src/key-file-text.ts";
import { BOUND, config, KEY, OTHER_KEY } from "./material.ts";

describe("a key file", () => {
  test.each([
    ["one key", KEY],
    ["one key without padding", `${KEY.replace("=", "")}\n`],
    ["a successor", `${KEY}\nnext:${OTHER_KEY}\n`],
    ["a key twice", `${KEY}\r\n\r\n${KEY}`],
    ["comments around a key", `# mine\n${KEY} # since May\n`],
    ["an old key of 16 bytes", Buffer.from("an old key of 16").toString("base64")],
  ])("%s", (_, text) => expect(isKeyFileText(text)).toBe(true));
});

describe("no key file", () => {
  test.each([
    ["nothing", ""],
    ["comments alone", "# nothing here\n"],
    ["JSON", config()],
    ["a .env file with a key", `PROXMOX_MCP_MASTER_KEY=${KEY}\n`],
    ["an empty variable, which could be read as base64", "PROXMOX_STAGING_API_KEY=\n"],
    ["a token", BOUND.token],
    ["a word", "null\n"],
  ])("%s", (_, text) => expect(isKeyFileText(text)).toBe(false));
});
