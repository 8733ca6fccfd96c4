/** What a run says to check: every file of it, and by a server only what is a server's config. */
import { expect, test } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { KEY } from "../material.ts";
import { CONFIG, ENV, keyless, SEALED, succeeds } from "../rotation/deployment.ts";
import { dyingAfter } from "../rotation/dying.ts";
import { CHECK, printed, STATUS, works } from "./paste.ts";

const SURE = `Check it: ${CHECK}`;
const MAYBE = `If a server reads it: ${CHECK}`;
const PIN = "service.json";
const LOGIN = "login.json";

/** A file with tokens, which no server reads, and the key in the home. */
async function foreign(name: string, document: object, location: string): Promise<Cli> {
  const cli = createCli();
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  cli.write(name, JSON.stringify(document));
  await succeeds(cli, ["encrypt", name, "--in-place", "--field", location]);
  return cli;
}

function withPin(): Promise<Cli> {
  return foreign(PIN, { service: { a: { pin: "example" } } }, "/service/a/pin");
}

/** Runs the check of files, which opens so many tokens. */
async function opens(cli: Cli, stderr: string, count: number): Promise<void> {
  const { stdout } = await works(
    cli,
    `${printed(stderr, `Check it: ${STATUS}`).slice(10)} --table`,
  );
  expect(stdout.match(/ opens \(/g)).toHaveLength(count);
  expect(stdout).not.toMatch(/DECRYPT|TOKEN_/);
}

test("a restore cannot tell whose config a file is: the check opens it, a server may be asked", async () => {
  const cli = await withPin();
  await succeeds(cli, ["rotate-key", PIN]);
  const { stderr } = await succeeds(cli, ["backups", "restore", PIN]);
  await opens(cli, stderr, 1);
  expect(stderr).not.toContain(SURE);
  expect(printed(stderr, MAYBE)).toBe(`${MAYBE} --key-file ${cli.keyFile} ${PIN}`);
});

test("a server's config and another file that were restored: one check of both", async () => {
  const cli = keyless({ [CONFIG]: SEALED[CONFIG] ?? "", [ENV]: SEALED[ENV] ?? "" });
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  await succeeds(cli, ["rotate-key", CONFIG, ENV]);
  const { stderr } = await succeeds(cli, ["backups", "restore", CONFIG, ENV]);
  await opens(cli, stderr, 2);
  await works(cli, printed(stderr, CHECK));
  expect(printed(stderr, MAYBE)).toContain(` ${CONFIG}`);
});

test("of several that a server may read, one line for all", async () => {
  const cli = await withPin();
  cli.write(CONFIG, SEALED[CONFIG] ?? "");
  await succeeds(cli, ["rotate-key", CONFIG, PIN]);
  const { stderr } = await succeeds(cli, ["backups", "restore", CONFIG, PIN]);
  await opens(cli, stderr, 2);
  await works(cli, printed(stderr, CHECK).replace("CONFIG", CONFIG));
});

test("a rotation of a config and a .env file: both are checked", async () => {
  const cli = keyless({ "app.json": SEALED[CONFIG] ?? "", ".env": SEALED[ENV] ?? "" });
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(printed(stderr, SURE)).toContain(" app.json");
  await works(cli, printed(stderr, CHECK));
  expect(printed(stderr, STATUS)).toBe(`${STATUS} .env --key-file ${cli.keyFile}`);
  await opens(cli, stderr, 1);
});

test("a password where a server has one too is no proof", async () => {
  const cli = await foreign(LOGIN, { auth: { password: "example" } }, "/auth/password");
  const { stderr } = await succeeds(cli, ["rotate-key", LOGIN]);
  await opens(cli, stderr, 1);
  expect(stderr).not.toContain(SURE);
  expect(printed(stderr, MAYBE)).toContain(` ${LOGIN}`);
});

test("a field beside those of a server is one of somebody else", async () => {
  const cli = await foreign(LOGIN, { http: { pin: "example" } }, "/http/pin");
  const { stderr } = await succeeds(cli, ["rotate-key", LOGIN]);
  await opens(cli, stderr, 1);
  expect(stderr).not.toContain(CHECK);
});

test("a plain secret beside the tokens does not fail the check that they open", async () => {
  const document = { service: { a: { pin: "example" } }, users: { b: { pin: "example" } } };
  const cli = await foreign(PIN, document, "/service/a/pin");
  cli.write(PIN, cli.read(PIN).replace('"b":{"pin"', '"b":{"password"'));
  const { stderr } = await succeeds(cli, ["rotate-key", PIN]);
  await opens(cli, stderr, 1);
});

test.skipIf(process.platform === "win32")(
  "of an interrupted run the names alone are known",
  async () => {
    const cli = await withPin();
    cli.write(ENV, SEALED[ENV] ?? "");
    const argv = ["rotate-key", ENV, PIN];
    const dying = dyingAfter(cli, "renameSync", PIN);
    expect((await cli.run(argv, { env: dying })).signal).toBe("SIGKILL");
    const { stderr } = await succeeds(cli, argv);
    expect(stderr).toContain("The interrupted rotation to key");
    await opens(cli, stderr, 2);
    expect(stderr).not.toContain(SURE);
    expect(printed(stderr, MAYBE)).toContain(`/${PIN}`);
  },
);

test("of many files that no server reads: the first five, and how many more there are", async () => {
  const names = [1, 2, 3, 4, 5, 6, 7].map((number) => `two/${number}.env`);
  const cli = keyless(Object.fromEntries(names.map((name) => [name, SEALED[ENV] ?? ""])));
  cli.write(CONFIG, SEALED[CONFIG] ?? "");
  cli.write(cli.keyFile, `${KEY}\n`, 0o600);
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(printed(stderr, STATUS)).toContain(` ${names.slice(0, 5).join(" ")} --key-file `);
  expect(stderr.split("\n").filter((line) => line.includes("in the same way"))).toEqual([
    "  Check the other 2 in the same way.",
  ]);
  await opens(cli, stderr, 5);
});
