/** Words of a command line that were quoted: a shell gets the very text, a terminal nothing unseen. */
import { spawnSync } from "node:child_process";
import { printable } from "@proxmox-mcp/crypto/internal";
import { describe, expect, test } from "vitest";
import { shellQuote } from "../../src/render/shell.ts";
import { createCli } from "../cli.ts";
import { KEY } from "../material.ts";
import { CONFIG, SEALED, succeeds } from "../rotation/deployment.ts";
import { CHECK, printed, works } from "./paste.ts";

const NAMES = [
  "plain.yaml",
  "two words.yaml",
  "the owner's $HOME `x` \\n !1.yaml",
  "new\nline.yaml",
  'tab\there, the owner\'s \\ and "more".yaml',
  "\u001b[31mred.yaml",
  "bell\u00071.yaml",
  "\u202egnp.yaml",
  "soft\u00adhyphen \u{e0001}.yaml",
  "\u0085\u007f.yaml",
  "\u00e4\u20ac\n.yaml",
];

test("a word is left as it is, or quoted in the plainest way that does", () => {
  expect(NAMES.slice(0, 4).map(shellQuote)).toEqual([
    "plain.yaml",
    "'two words.yaml'",
    "'the owner'\\''s $HOME `x` \\n !1.yaml'",
    "$'new\\nline.yaml'",
  ]);
  expect(shellQuote("\u001b1\t'\\\u202e\u00e4")).toBe("$'\\0331\\t\\'\\\\\\342\\200\\256\u00e4'");
});

describe.skipIf(process.platform === "win32")("a shell gets", () => {
  test.each(NAMES.map((name) => [printable(name), name]))("%s", (_, name) => {
    const quoted = shellQuote(name);
    expect(printable(quoted)).toBe(quoted);
    for (const LC_ALL of ["C", "C.UTF-8"]) {
      const env = { ...process.env, LC_ALL };
      const { stdout } = spawnSync("bash", ["-c", `printf %s ${quoted}`], { env });
      expect(stdout.toString()).toBe(name);
    }
  });

  test("the files of a rotation", async () => {
    const cli = createCli();
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    const name = "one\ttwo\nthree's \u001b[31m\u202e.json";
    cli.write(name, SEALED[CONFIG] ?? "");
    const { stderr } = await succeeds(cli, ["rotate-key", name]);
    await works(cli, printed(stderr, CHECK), {}, "bash");
  });
});
