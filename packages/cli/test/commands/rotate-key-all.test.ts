/** Which files `rotate-key-all` takes. */
import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { BOUND, config, vectors } from "../material.ts";
import { deployment, LEGACY, namesIn, refuses, succeeds } from "../rotation/deployment.ts";

/** Of a config, in bytes. */
const LARGEST = 256 * 1024 * 1024;
const JSON_TEXT = config(BOUND.token);
const YAML_TEXT = `auth:\n  token_value: ${BOUND.token}\n`;
const ENV_TEXT = `MCPO_API_KEY=${vectors.good.find(({ location }) => location === "env:MCPO_API_KEY")?.token}\n`;

/** The files that a run gave new tokens. */
async function rotated(cli: Cli, argv: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await succeeds(cli, [...argv, "--json"]);
  const { files } = JSON.parse(stdout) as { files: readonly { file: string }[] };
  return files.map(({ file }) => file);
}

const TAKEN: Readonly<Record<string, string>> = {
  ".env": ENV_TEXT,
  ".env.encrypted": ENV_TEXT,
  "a.json": JSON_TEXT,
  "deep/er/b.yaml": YAML_TEXT,
  "deep/c.yml": YAML_TEXT,
  "deep/d.env": ENV_TEXT,
};
const PASSED_BY: Readonly<Record<string, string>> = {
  ".git/config.json": JSON_TEXT,
  "a.json.backup.20260131_120000": JSON_TEXT,
  "config.example.json": JSON_TEXT,
  "config.example-mine.yaml": YAML_TEXT,
  "deep/config.example": JSON_TEXT,
  "node_modules/x/config.json": JSON_TEXT,
  "notes.txt": BOUND.token,
  "tool.toml": JSON_TEXT,
};

/** What a run skipped, and with what status it ended. */
async function skippedBy(cli: Cli, argv: readonly string[]) {
  const { status, stdout } = await cli.run([...argv, "--json"]);
  return { status, skipped: JSON.parse(stdout).skipped };
}

describe("a token that is passed by is told", () => {
  const EXAMPLE = "it is named as an example, and may hold a token: rotate-key takes it by name";
  const EXCLUDED = "it is excluded, and may hold a token";

  test("of an example, and where it is the only file, too", async () => {
    const cli = deployment({ "config.example.json": JSON_TEXT, "config.example.yaml": "a: b\n" });
    const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
    expect(stderr).toBe(
      `Nothing to rotate: no file that is taken holds a token. No key was made, nothing was changed.\nSkipped:\n  config.example.json  ${EXAMPLE}\n`,
    );
    cli.write("a.json", JSON_TEXT);
    for (const more of [["--dry-run"], []]) {
      expect(await skippedBy(cli, ["rotate-key-all", ".", ...more])).toEqual({
        status: 0,
        skipped: [{ file: "config.example.json", reason: EXAMPLE }],
      });
    }
    // What the reason says is the way out.
    await refuses(cli, ["retire-key", ".", "--delete-backups"], {
      status: 7,
      code: "RETIRE_REFUSED",
    });
    await succeeds(cli, ["rotate-key", "config.example.json"]);
    await succeeds(cli, ["retire-key", ".", "--delete-backups"]);
  });

  test("of what is excluded, unless another directory brings it in", async () => {
    const cli = deployment(TAKEN);
    const argv = ["rotate-key-all", ".", "--exclude", "/deep/*", "--exclude", "a.json"];
    const expected = ["a.json", "deep/c.yml", "deep/d.env"];
    expect(await skippedBy(cli, [...argv, "--dry-run"])).toEqual({
      status: 0,
      skipped: expected.map((file) => ({ file, reason: EXCLUDED })),
    });
    const { stderr } = await succeeds(cli, [...argv, "--dry-run"]);
    expect(stderr).toContain(`Skipped:\n  a.json  ${EXCLUDED}\n`);
    expect(await skippedBy(cli, [...argv, "deep"])).toMatchObject({
      skipped: [{ file: "a.json" }],
    });
  });

  // There is no token in it: whoever reads it knows that, and does not name it.
  test("of what is excluded and larger than any config, without reading it", async () => {
    const cli = deployment({ "a.json": JSON_TEXT, "huge.json": "", "small.json": "{}" });
    truncateSync(cli.path("huge.json"), LARGEST + 1);
    const argv = ["rotate-key-all", ".", "--exclude", "huge.json", "--exclude", "small.json"];
    expect(await skippedBy(cli, [...argv, "--dry-run"])).toEqual({
      status: 0,
      skipped: [{ file: "huge.json", reason: EXCLUDED }],
    });
  });

  test.skipIf(process.platform === "win32")("of excluded links, as of files", async () => {
    const cli = deployment({ ...TAKEN, "out/o.json": JSON_TEXT, "out/none.json": "{}" });
    const links = {
      "x1.json": "../out/o.json",
      "x2.json": "../out/none.json",
      "x3.json": "../out",
      "x4.json": "gone.json",
      "x5.json": "c.yml",
      "x6.txt": "../out/o.json",
    };
    for (const [name, target] of Object.entries(links))
      symlinkSync(target, cli.path(`deep/${name}`));
    const argv = ["rotate-key-all", "deep", "--dry-run"];
    expect(await skippedBy(cli, [...argv, "--exclude", "x*"])).toEqual({
      status: 0,
      skipped: [{ file: "deep/x1.json", reason: EXCLUDED }],
    });
    // Its file is a part of the run then.
    expect(await skippedBy(cli, [...argv, "out", "--exclude", "x*"])).toMatchObject({
      skipped: [{ file: "out/none.json" }],
    });
    expect(await skippedBy(cli, [...argv, "--exclude", "x*", "--include", "*.toml"])).toEqual({
      status: 0,
      skipped: [],
    });
  });
});

describe("below a directory", () => {
  test("configs are taken, by name; others stay as they are", async () => {
    const cli = deployment({ ...TAKEN, ...PASSED_BY });
    expect(await rotated(cli, ["rotate-key-all", "."])).toEqual(Object.keys(TAKEN).sort());
    for (const [name, text] of Object.entries(PASSED_BY)) expect(cli.read(name)).toBe(text);
  });

  test("what is only called like a backup is a config, and so is what a directory called so holds", async () => {
    const files = ["a.json.backup.mine.json", "prod.backup.d/b.yaml", "site.backup.json"];
    const [first = "", second = "", third = ""] = files;
    const cli = deployment({ [first]: JSON_TEXT, [second]: YAML_TEXT, [third]: JSON_TEXT });
    expect(await rotated(cli, ["rotate-key-all", "."])).toEqual(files);
    await succeeds(cli, ["retire-key", ".", "--delete-backups"]);
    expect(namesIn(cli).filter((name) => /\.backup\.\d{8}_/.test(name))).toEqual([]);
    for (const name of files) expect(cli.read(name)).toContain("enc:");
  });

  test("a file without a token is skipped unparsed; one that only mentions one in a comment, too", async () => {
    const cli = deployment({
      "a.json": JSON_TEXT,
      "broken.json": '{"not": json',
      "comment.yaml": "# write enc: here\na: b\n",
    });
    const { stdout, stderr } = await succeeds(cli, ["rotate-key-all", ".", "--json"]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout).skipped).toEqual([
      { file: "broken.json", reason: "it holds no token" },
      { file: "comment.yaml", reason: "no value in it is a token" },
    ]);
  });

  test("one with a token that cannot be parsed stops the run", async () => {
    const cli = deployment({ "a.json": JSON_TEXT, "broken.json": `{"x": "${BOUND.token}"` });
    await refuses(cli, ["rotate-key-all", "."], { status: 5, code: "SYNTAX" });
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["--no-recursive", ["--no-recursive"], [".env", ".env.encrypted", "a.json"]],
    ["--include", ["--include", "*.toml"], ["tool.toml"]],
    [
      "--include, twice",
      ["--include", "deep/*", "--include", "a.json"],
      ["a.json", "deep/c.yml", "deep/config.example", "deep/d.env"],
    ],
    ["--exclude of names", ["--exclude", "*.y*ml", "--exclude", ".env*"], ["a.json", "deep/d.env"]],
    ["--exclude of a directory", ["--exclude", "deep"], [".env", ".env.encrypted", "a.json"]],
    [
      "--include and --exclude",
      ["--include", "**/*.yaml", "--exclude", "deep/**"],
      ["config.example-mine.yaml"],
    ],
  ])("%s", async (_, flags, expected) => {
    const cli = deployment({ ...TAKEN, ...PASSED_BY });
    expect(await rotated(cli, ["rotate-key-all", ".", ...flags])).toEqual(expected);
  });

  test.skipIf(process.platform === "win32")("links are not followed", async () => {
    const cli = deployment({ "real/a.json": JSON_TEXT, "elsewhere/b.json": JSON_TEXT });
    symlinkSync("../elsewhere/b.json", cli.path("real/link.json"));
    symlinkSync("../elsewhere", cli.path("real/below"));
    expect(await rotated(cli, ["rotate-key-all", "real"])).toEqual(["real/a.json"]);
    expect(cli.read("elsewhere/b.json")).toBe(JSON_TEXT);
  });

  test("several directories are one run, and a file in two of them is one file", async () => {
    const cli = deployment(TAKEN);
    const files = await rotated(cli, ["rotate-key-all", "deep/er", "deep", "."]);
    expect(files).toHaveLength(Object.keys(TAKEN).length);
    const stamps = namesIn(cli).flatMap((name) => /\.backup\.(.*)$/.exec(name)?.[1] ?? []);
    expect(new Set(stamps).size).toBe(1);
  });
});

test("an empty directory has nothing to rotate", async () => {
  const cli = deployment({});
  mkdirSync(cli.path("empty"));
  const { stderr } = await succeeds(cli, ["rotate-key-all", "empty"]);
  expect(stderr).toBe(
    "Nothing to rotate: there is no config. No key was made, nothing was changed.\n",
  );
});

test.each([
  ["a file", "a.json", "FILE_NOT_REGULAR", "rotate-key a.json"],
  ["nothing", "gone", "FILE_NOT_FOUND", "check the path"],
])("%s in the place of a directory is refused", async (_, name, code, hint) => {
  const cli = deployment(TAKEN);
  const { stderr } = await refuses(cli, ["rotate-key-all", name], { status: 5, code });
  expect(stderr).toContain(hint);
});

test("the flag of the Python tool is the same", async () => {
  const cli = deployment(TAKEN);
  const { stderr } = await succeeds(cli, ["--rotate-key-all", "."]);
  expect(stderr).toContain("Rotated 6 files to key");
});

test("many files are counted, and not all of them named", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 45; index += 1) files[`c${index + 100}.json`] = JSON_TEXT;
  const cli = deployment(files);
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(stderr).toContain("Rotated 45 files to key");
  expect(stderr).toContain("  c139.json  1 token");
  expect(stderr).not.toContain("  c140.json");
  expect(stderr).toContain("  and 5 more\n");
});

test("many tokens that become bound are counted, and not all of them named", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 21; index += 1) {
    files[`c${index + 100}.json`] = JSON.stringify({ a: LEGACY.token, b: LEGACY.token });
  }
  const cli = deployment(files);
  const plan = await succeeds(cli, ["rotate-key-all", ".", "--dry-run"]);
  const done = await succeeds(cli, ["rotate-key-all", "."]);
  for (const [{ stderr }, heading] of [
    [plan, "To be bound to their field:"],
    [done, "Bound to their field now:"],
  ] as const) {
    expect(stderr).toContain(`\n${heading}\n  c100.json /a  legacy -> bound\n`);
    expect(stderr).toContain("\n  c119.json /b  legacy -> bound\n  and 2 more\n");
    expect(stderr).not.toContain("c120.json /");
  }
});
