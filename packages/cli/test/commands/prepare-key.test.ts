import { describe, expect, test } from "vitest";
import { KEY, OTHER_KEY } from "../material.ts";
import {
  CONFIG,
  deployment,
  expectRotated,
  idOf,
  keyless,
  keyStore,
  leftovers,
  OLD_ID,
  refuses,
  SEALED,
  state,
  succeeds,
  words,
} from "../rotation/deployment.ts";

const VARIABLE = { PROXMOX_MCP_MASTER_KEY: KEY };

function successor(text: string): string {
  const [active, next = "", ...more] = words(text);
  expect(active).toBe(KEY);
  expect(next).toMatch(/^next:/);
  expect(more).toEqual([]);
  return next.slice("next:".length);
}

test("puts the next key behind the present one, changes no config, and is safe to repeat", async () => {
  const cli = deployment();
  const { stdout, stderr } = await succeeds(cli, ["prepare-key"]);
  const next = successor(cli.read(cli.keyFile));
  expect(stdout).toBe("");
  expect(stderr).toContain(`The next key is ${idOf(next)}; ${OLD_ID} stays active.`);
  expect(stderr).toContain(`Both are in ${cli.keyFile} (mode 600).`);
  expect(stderr).toContain("rotate-key-all DIRECTORY");
  for (const [name, text] of Object.entries(SEALED)) expect(cli.read(name)).toBe(text);
  expect(cli.mode(cli.keyFile)).toBe("600");
  expect(leftovers(cli)).toEqual([]);

  const before = state(cli);
  const again = await succeeds(cli, ["prepare-key"]);
  expect(again.stderr).toContain(`A next key was waiting already: ${idOf(next)}.`);
  expect(state(cli)).toEqual(before);
});

test("what is encrypted meanwhile is sealed with the present key, and opens after the switch", async () => {
  const cli = deployment();
  await succeeds(cli, ["prepare-key"]);
  const next = successor(cli.read(cli.keyFile));
  const { stdout } = await succeeds(cli, [
    "set",
    CONFIG,
    "/auth/token_value",
    "--generate",
    "hex32",
    "--json",
  ]);
  expect(JSON.parse(stdout).keyId).toBe(OLD_ID);
  await succeeds(cli, ["rotate-key-all", "."]);
  expect(words(cli.read(cli.keyFile))).toEqual([next, KEY]);
});

test("a rotation of nothing switches to the key that waits", async () => {
  const cli = deployment({});
  await succeeds(cli, ["prepare-key"]);
  const next = successor(cli.read(cli.keyFile));
  const { stderr } = await succeeds(cli, ["rotate-key-all", "."]);
  expect(stderr).toContain(`Key ${idOf(next)} is the active one now; no file had to change.`);
  expect(words(cli.read(cli.keyFile))).toEqual([next, KEY]);
});

describe("a sink", () => {
  test("gets it once, and the rotation switches to it", async () => {
    const cli = keyless();
    const store = keyStore(cli);
    const flags = ["--new-key-sink", store.sink()];
    const { stderr } = await succeeds(cli, ["prepare-key", ...flags], VARIABLE);
    const next = successor(store.read());
    expect(store.calls()).toEqual(["prepare"]);
    expect(stderr).toContain("Restart what reads the key that sh stored.");
    await succeeds(cli, ["prepare-key", ...flags], VARIABLE);
    expect(successor(store.read())).toBe(next);

    const env = { PROXMOX_MCP_MASTER_KEY: store.read() };
    await succeeds(cli, ["rotate-key-all", ".", ...flags], env);
    expect(words(store.read())).toEqual([next, KEY]);
    await expectRotated(cli, store.read());
  });

  test("that fails leaves the key pending, and the same key is stored the next time", async () => {
    const cli = deployment();
    const store = keyStore(cli);
    const { status, stderr } = await cli.run(["prepare-key", "--new-key-sink", store.sink("fail")]);
    expect(stderr).toMatch(/^error\[SINK_FAILED\]: .*no such store/);
    expect(status).toBe(8);
    const next = successor(cli.read(cli.keyFile));
    await succeeds(cli, ["prepare-key", "--new-key-sink", store.sink()]);
    expect(successor(store.read())).toBe(next);
  });
});

describe("--new-key-out", () => {
  const argv = ["prepare-key", "--new-key-out", "next.key"];

  test("holds both keys, the present one first", async () => {
    const cli = keyless();
    const { stderr } = await succeeds(cli, argv, VARIABLE);
    const next = successor(cli.read("next.key"));
    expect(cli.mode("next.key")).toBe("600");
    expect(stderr).toContain(`export PROXMOX_MCP_MASTER_KEY="$(cat ${cli.path("next.key")})"`);
    await succeeds(cli, argv, VARIABLE);
    expect(successor(cli.read("next.key"))).toBe(next);

    await succeeds(cli, ["rotate-key-all", ".", "--key-file", "next.key"]);
    expect(words(cli.read("next.key"))).toEqual([next, KEY]);
    await expectRotated(cli, cli.read("next.key"));
  });

  test("with something else in it is refused, and so is a rotation to a prepared file", async () => {
    const cli = keyless();
    cli.write("next.key", `${OTHER_KEY}\n`, 0o600);
    await refuses(cli, argv, { status: 8, code: "KEY_FILE_EXISTS" }, VARIABLE);

    const other = keyless();
    await succeeds(other, argv, VARIABLE);
    const { stderr } = await refuses(
      other,
      ["rotate-key", CONFIG, "--new-key-out", "next.key"],
      { status: 8, code: "KEY_FILE_EXISTS" },
      VARIABLE,
    );
    expect(stderr).toContain("with --key-file next.key");
  });
});

test("without a place for the key nothing is done", async () => {
  const cli = keyless();
  await refuses(cli, ["prepare-key"], { status: 3, code: "KEY_DESTINATION" }, VARIABLE);
});

test("--json", async () => {
  const cli = deployment();
  const { stdout, stderr } = await succeeds(cli, ["prepare-key", "--json"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    exitStatus: 0,
    command: "prepare-key",
    newKeyOrigin: "fresh",
    oldKeyId: OLD_ID,
    newKeyId: idOf(successor(cli.read(cli.keyFile))),
    keyFrom: cli.keyFile,
    destination: { kind: "key-file", file: cli.keyFile },
    keyFile: cli.keyFile,
    recovered: [],
    warnings: [],
  });
});
