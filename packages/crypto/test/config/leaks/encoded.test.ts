import { describe, expect, test } from "vitest";
import { findLeaks } from "../../../src/config/leaks/find-leaks.ts";
import { leaky, VALUES } from "./leaky.ts";

/** A text with the values in their places, in Base64. */
function base64(text: string, width = Number.POSITIVE_INFINITY): string {
  const encoded = Buffer.from(leaky(text)).toString("base64");
  return (
    encoded.match(new RegExp(`.{1,${Math.min(width, encoded.length)}}`, "g"))?.join("\n") ?? ""
  );
}

async function found(path: string, text: string): Promise<readonly string[]> {
  const { leaks } = await findLeaks(text, path);
  return leaks.map(({ line, column, kind, name }) => `${line}:${column} ${kind} ${name ?? "-"}`);
}

const CONFIG = '{\n  "auth": {\n    "token_value": "@UUID@"\n  }\n}\n';

describe("a secret in Base64", () => {
  test.each<readonly [string, string, string]>([
    ["a config in JSON", CONFIG, "2:16 plain /auth/token_value"],
    ["a config in YAML", "auth:\n  password: @WORD@\n", "2:16 plain /auth/password"],
    ["a .env file", "PROXMOX_PASSWORD=@WORD@\nA=1\n", "2:16 plain env:PROXMOX_PASSWORD"],
    ["a token of Proxmox", "root@pam!ci=@UUID@", "2:16 pve-token -"],
    ["the secret of a token alone", "@UUID@\n", "2:16 secret-looking -"],
    ["a script", "#!/bin/sh\npvesh --token-secret @UUID@\n", "2:16 secret-looking token-secret"],
    ["a short line", "PASSWORD=@PASSWORD@", "2:16 secret-looking env:PASSWORD"],
    ["a private key", "-----BEGIN PRIVATE KEY-----\n@PEM@\n", "2:16 private-key -"],
    [
      "a master key with words on it",
      "# ours\nMASTER_KEY=@KEY@\n",
      "2:16 master-key env:MASTER_KEY",
    ],
    ["a letter that is not in ASCII", `note: für\n${CONFIG}`, "2:16 secret-looking token_value"],
  ])("%s", async (_, inner, expected) => {
    expect(await found("secret.yaml", `data:\n  config.json: ${base64(inner)}\n`)).toEqual([
      expected,
    ]);
  });

  test("in JSON, in an argument and in the address of data", async () => {
    const inner = base64(CONFIG);
    expect(await found("a.json", `{"a":"${inner}"}`)).toHaveLength(1);
    expect(await found("a.sh", `echo ${inner} | base64 -d\n`)).toHaveLength(1);
    expect(await found("a.css", `url(data:text/plain;base64,${inner})`)).toHaveLength(1);
  });

  test.each([76, 64])("on lines of %i characters", async (width) => {
    const lines = base64(
      `{"note":"${"a note ".repeat(13)}","auth":{"token_value":"@UUID@"}}`,
      width,
    );
    const text = `data:\n  config.json: |\n    ${lines.replaceAll("\n", "\r\n    ")}\r\n`;
    expect(await found("secret.yaml", text)).toEqual(["3:5 plain /auth/token_value"]);
  });

  test("is let pass by the comment", async () => {
    const text = `data:\n  # proxmox-mcp: allow\n  config.json: ${base64(CONFIG)}\n`;
    expect(await findLeaks(text, "secret.yaml")).toEqual({ leaks: [], allowed: 1 });
  });

  test.each<readonly [string, string]>([
    ["what is encrypted", base64('{"auth":{"token_value":"${TOKEN}"}}')],
    ["an example", base64("token_value: 00000000-aaaa-bbbb-cccc-eeeeeeeeeeee")],
    ["an image", Buffer.from(`\x89PNG\0${leaky("token: @UUID@")}`, "latin1").toString("base64")],
    ["no characters", Buffer.from(leaky("\xff\xfetoken: @UUID@"), "latin1").toString("base64")],
    ["Base64 in Base64", base64(base64(CONFIG))],
    ["a request", base64("request @UUID@ failed")],
  ])("none: %s", async (_, encoded) => {
    expect(await found("a.yaml", `data:\n  config.json: ${encoded}\n`)).toEqual([]);
  });

  // Quadratic time would take minutes for any of these.
  const LONG = 100_000;
  test.each<readonly [string, string]>([
    ["a text", base64("token: a ".repeat(LONG / 9))],
    ["lines", base64("token: a ".repeat(LONG / 9), 76)],
    ["lines of four", base64("token: a ".repeat(LONG / 9), 4)],
    ["a text with an end that is none", base64(`${"token: a ".repeat(LONG / 9)}`).concat("\0")],
    ["many", `${base64(`PASSWORD=${VALUES.PASSWORD}`)} `.repeat(LONG / 40)],
  ])("takes linear time: %s", async (_, text) => {
    for (const path of ["a.json", "a.yaml", "a.ts"]) await findLeaks(text, path);
  });
});
