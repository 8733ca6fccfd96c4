/** Files that cannot be rotated: they stop the run before anything changes, or are left out whole. */
import { linkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { BOUND, config, corrupted, ELSEWHERE, KEY, OTHER_KEY, vectors } from "../material.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import {
  CONFIG,
  deployment,
  expectRotated,
  idOf,
  LEGACY,
  leftovers,
  opened,
  refuses,
  SEALED,
  state,
  succeeds,
  words,
} from "./deployment.ts";

const NEWER = vectors.bad.find(({ expect }) => expect === "newer")?.token ?? "";

const BAD: readonly (readonly [string, string, string, number, string, RegExp])[] = [
  [
    "no key opens it",
    "bad.json",
    config(corrupted(BOUND.token)),
    4,
    "NO_KEY_OPENS",
    /bad\.json:6:20 \/auth\/token_value: Current master key cannot decrypt configuration: /,
  ],
  [
    "it was sealed for another field",
    "bad.json",
    config(ELSEWHERE.token),
    6,
    "TOKEN_MISPLACED",
    /bad\.json:6:20 \/auth\/token_value: /,
  ],
  ["it is malformed", "bad.json", config("enc:nonsense"), 6, "TOKEN_MALFORMED", /bad\.json:6:20/],
  ["it is of a newer version", "bad.json", config(NEWER), 6, "TOKEN_NEWER", /bad\.json:6:20/],
  [
    "the file cannot be parsed",
    "bad.json",
    config(BOUND.token).replace('"mcp@pve"', '"mcp@pve'),
    5,
    "SYNTAX",
    /bad\.json:4:/,
  ],
  [
    "the value stands behind an anchor",
    "bad.yaml",
    `a: &x "${LEGACY.token}"\nb: *x\n`,
    5,
    "AMBIGUOUS",
    /bad\.yaml \(\/a, \/b\)/,
  ],
];

/** Every file but the bad one, as it is; and the backups. */
function others(cli: Cli): readonly string[] {
  return Object.keys(SEALED).map((name) => cli.read(name));
}

describe.each(BAD)("%s", (_, name, text, status, code, place) => {
  test("stops the run, named with its place", async () => {
    const cli = deployment();
    cli.write(name, text);
    const { stderr } = await refuses(cli, ["rotate-key-all", "."], { status, code });
    expect(stderr).toMatch(place);
    expect(stderr).toContain("; nothing was changed.");
    expect(stderr).toContain("or leave such files out with --skip-unreadable");
  });

  test("--skip-unreadable leaves it out whole, tells it, and exits 7", async () => {
    const cli = deployment();
    cli.write(name, text);
    const { status, stderr } = await cli.run(["rotate-key-all", ".", "--skip-unreadable"]);
    expect(stderr).toContain("Rotated 3 files to key");
    expect(stderr).toMatch(new RegExp(`Left out, as they were:\n {2}${name.replace(".", "\\.")}`));
    expect(status).toBe(7);
    expect(cli.read(name)).toBe(text);
    await expectRotated(cli, cli.read(cli.keyFile));
  });
});

test("all files and all their fields are named, in the message and in the JSON", async () => {
  const cli = deployment();
  const two = `{"a": ${JSON.stringify(corrupted(BOUND.token))}, "b": {"c": "enc:nonsense"}}\n`;
  cli.write("one/bad.json", two);
  cli.write("two/worse.yaml", `d: ${corrupted(LEGACY.token)}\n`);
  const argv = ["rotate-key-all", "."];
  const { stderr } = await refuses(cli, argv, { status: 4, code: "NO_KEY_OPENS" });
  expect(stderr).toContain(
    "Current master key cannot decrypt configuration, 2 of 5 files cannot be rotated: " +
      "one/bad.json (/a, /b/c); two/worse.yaml (/d); nothing was changed.",
  );

  const { status, stdout } = await cli.run([...argv, "--json"]);
  expect(status).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    exitStatus: 4,
    command: "rotate-key-all",
    error: {
      code: "NO_KEY_OPENS",
      problems: [
        { code: "NO_KEY_OPENS", file: "one/bad.json", location: "/a", line: 1 },
        { code: "TOKEN_MALFORMED", file: "one/bad.json", location: "/b/c", line: 1 },
        { code: "NO_KEY_OPENS", file: "two/worse.yaml", location: "/d", line: 1 },
      ],
    },
  });

  const skipped = await cli.run([...argv, "--json", "--skip-unreadable"]);
  expect(skipped.status).toBe(7);
  expect(JSON.parse(skipped.stdout)).toMatchObject({
    ok: true,
    exitStatus: 7,
    outcome: "rotated",
    failed: [
      { file: "one/bad.json", problems: [{ location: "/a" }, { location: "/b/c" }] },
      { file: "two/worse.yaml", problems: [{ location: "/d" }] },
    ],
  });
});

test("many are counted in the message", async () => {
  const cli = deployment();
  for (let index = 0; index < 8; index += 1) cli.write(`bad${index}.json`, config("enc:nonsense"));
  const { stderr } = await refuses(cli, ["rotate-key-all", "."], {
    status: 6,
    code: "TOKEN_MALFORMED",
  });
  expect(stderr).toContain("8 of 11 files cannot be rotated: bad0.json (/auth/token_value); ");
  expect(stderr).toContain("; and 3 more; nothing was changed");
});

test("where nothing else is left, no key is made", async () => {
  const cli = deployment({ "bad.json": config("enc:nonsense") });
  const before = state(cli);
  const { status, stderr } = await cli.run(["rotate-key", "bad.json", "--skip-unreadable"]);
  expect(status).toBe(7);
  expect(stderr).toContain("Nothing to rotate: no file is left. No key was made");
  expect(stderr).toContain("Left out, as they were:");
  expect(state(cli)).toEqual(before);
});

test("another key at hand that opens the files is named", async () => {
  const cli = deployment();
  const { stderr } = await refuses(
    cli,
    ["rotate-key", CONFIG, "--new-key-out", "next.key"],
    { status: 4, code: "NO_KEY_OPENS" },
    { PROXMOX_MCP_MASTER_KEY: OTHER_KEY },
  );
  expect(stderr).toContain(`the key in ${cli.keyFile} opens it: name it with --key-file`);
});

test("a file with several hard links is not rotated: the others would keep the old text", async () => {
  const cli = deployment();
  linkSync(cli.path(CONFIG), cli.path("second.json"));
  const { stderr } = await refuses(cli, ["rotate-key", CONFIG], {
    status: 8,
    code: "WRITE_FAILED",
  });
  expect(stderr).toContain("it has 2 hard links");
});

test("a file that cannot be read does not pass for one without tokens", async (context) => {
  context.skip(asOrdinaryUser === undefined, "no setpriv");
  const cli = deployment();
  cli.write("secret.json", SEALED[CONFIG] ?? "", 0o000);
  cli.write("my.key", `${KEY}\n`, 0o644);
  const argv = ["rotate-key", "secret.json", "--dry-run", "--key-file", "my.key"];
  const { status, stderr } = await cli.run([...argv, "--new-key-out", "next.key"], {
    through: asOrdinaryUser ?? [],
  });
  expect(stderr).toMatch(/error\[FILE_UNREADABLE\].*secret\.json/);
  expect(status).toBe(5);
});

describe("PROXMOX_MCP_REQUIRE_BOUND", () => {
  const env = { PROXMOX_MCP_REQUIRE_BOUND: "true" };

  test("refuses tokens that are not bound to their fields, until one rotation binds them", async () => {
    const cli = deployment();
    const argv = ["rotate-key-all", "."];
    const { stderr } = await refuses(cli, argv, { status: 6, code: "TOKEN_NOT_BOUND" }, env);
    expect(stderr).toContain("servers.yaml:5:");
    expect(stderr).toContain("/servers/staging/token_secret");
    expect(stderr).toContain("wants a bound token, and this is an unbound token");
    expect(stderr).toContain("rotate once without PROXMOX_MCP_REQUIRE_BOUND");

    await succeeds(cli, argv);
    await succeeds(cli, argv, env);
    await expectRotated(cli, cli.read(cli.keyFile));
  });

  test("refuses secrets in plain text beside tokens", async () => {
    const cli = deployment({
      "mixed.env": `A_TOKEN=x\nPROXMOX_PASSWORD=plain\nMCPO_API_KEY=${words(
        SEALED["two/.env"] ?? "",
      )
        .find((word) => word.startsWith("MCPO"))
        ?.slice(13)}\n`,
    });
    const { stderr } = await refuses(
      cli,
      ["rotate-key", "mixed.env"],
      { status: 6, code: "TOKEN_NOT_BOUND" },
      env,
    );
    expect(stderr).toContain("env:PROXMOX_PASSWORD");
    expect(stderr).toContain("encrypt FILE --in-place");
  });

  test("that is neither yes nor no is a mistake", async () => {
    const cli = deployment();
    await refuses(
      cli,
      ["rotate-key", CONFIG],
      { status: 2, code: "USAGE" },
      { PROXMOX_MCP_REQUIRE_BOUND: "ture" },
    );
  });
});

describe("keys that nobody should use any more", () => {
  const WEAK = Buffer.from("correct-horse-battery-staple-32b").toString("base64url").concat("=");
  const SHORT = Buffer.from("short-key").toString("base64url");

  test.each([
    ["a pass phrase", WEAK],
    ["a key of an odd length", SHORT],
  ])("%s can be rotated away", async (_, old) => {
    // Sealed as the Python tool would, with whatever it was given.
    const python = deployment({});
    python.write("old.json", await sealedBy(old));
    python.write(python.keyFile, `${old}\n`, 0o600);
    const { stderr } = await succeeds(python, ["rotate-key", "old.json"]);
    expect(stderr).toContain("warning: the active master key");
    expect(stderr).toContain("1 token (1 becomes bound)");
    const [fresh = "", ...others] = words(python.read(python.keyFile));
    expect(others).toEqual([old]);
    const found = await opened(python, fresh, ["old.json"]);
    expect(found).toEqual({ secrets: ["a secret of old"], keyIds: [idOf(fresh)] });
    expect(leftovers(python)).toEqual([]);
  });

  async function sealedBy(key: string): Promise<string> {
    const { createCipheriv, createHmac, pbkdf2Sync, randomBytes } = await import("node:crypto");
    const spelled = (bytes: Buffer) =>
      bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
    const salt = randomBytes(16);
    const derived = pbkdf2Sync(Buffer.from(key, "base64url"), salt, 100_000, 32, "sha256");
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-128-cbc", derived.subarray(16), iv);
    const sealed = Buffer.concat([cipher.update("a secret of old"), cipher.final()]);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_700_000_000n);
    const signed = Buffer.concat([Buffer.from([0x80]), time, iv, sealed]);
    const mac = createHmac("sha256", derived.subarray(0, 16)).update(signed).digest();
    const fernet = spelled(Buffer.concat([signed, mac]));
    return config(`enc:${spelled(salt)}:${spelled(Buffer.from(fernet, "latin1"))}`);
  }
});

test("others stay as they are while a bad file is among them", async () => {
  const cli = deployment();
  const before = others(cli);
  cli.write("bad.json", config("enc:nonsense"));
  await refuses(cli, ["rotate-key", CONFIG, "bad.json"], { status: 6, code: "TOKEN_MALFORMED" });
  expect(others(cli)).toEqual(before);
});
