/** The key in a real keyring. Needs dbus, gnome-keyring and libsecret-tools. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Cli, cleanEnvironment, createCli } from "../cli.ts";
import { KEY, SECRET } from "../material.ts";
import { idOf, OLD_ID, succeeds, words } from "../rotation/deployment.ts";
import { dyingAfter } from "../rotation/dying.ts";
import { missing, type Session, startSession } from "./session-keyring.ts";

if (missing.length > 0) {
  process.stderr.write(`SKIPPED: the tests with a real keyring need ${missing.join(", ")}\n`);
}

const SERVER = fileURLToPath(
  new URL("../../../server/bin/proxmox-mcp-server.cjs", import.meta.url),
);
const CONFIG = "config.json";
const TEXT = JSON.stringify({
  proxmox: { host: "pve.example" },
  auth: { user: "mcp@pve", token_name: "mcp", token_value: SECRET },
});
const ALL = ["rotate-key-all", ".", "--keyring"];

interface Desktop {
  readonly cli: Cli;
  readonly session: Session;
  /** The words of the key text in the keyring, as another program sees it. */
  stored(): readonly string[];
}

/** A user with an unlocked keyring. */
async function desktop(): Promise<Desktop> {
  const cli = createCli();
  const session = await startSession(cli.home);
  await session.startKeyring();
  const lookup = ["lookup", "service", "proxmox-mcp", "username", "master-key"];
  return {
    cli: {
      ...cli,
      run: (argv, more) => cli.run(argv, { ...more, env: { ...session.env, ...more?.env } }),
    },
    session,
    stored: () => words(session.run("secret-tool", lookup)),
  };
}

/** The same, with a key in the keyring and a config that is sealed with it. */
async function deployed(): Promise<Desktop & { readonly key: string }> {
  const user = await desktop();
  await succeeds(user.cli, ["generate-key", "--keyring"]);
  user.cli.write(CONFIG, TEXT);
  await succeeds(user.cli, ["encrypt", CONFIG, "--in-place", "--keyring"]);
  const [key = ""] = user.stored();
  return { ...user, key };
}

function server({ cli, session }: Desktop, ...argv: readonly string[]) {
  const env = { ...cleanEnvironment(cli.home), ...session.env };
  const child = spawn(process.execPath, [SERVER, "--keyring", ...argv, CONFIG], {
    cwd: cli.directory,
    env,
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  return { child, said: () => said };
}

async function healthOf(user: Desktop): Promise<{ status: number | null; said: string }> {
  const { child, said } = server(user, "--test");
  const [status] = await once(child, "close");
  return { status, said: said() };
}

function pendingIn(cli: Cli): readonly string[] {
  const directory = join(cli.home, ".local/state/proxmox-mcp");
  const names = existsSync(directory) ? readdirSync(directory) : [];
  return names.filter((name) => name.startsWith("pending-"));
}

/** The one config is on the active key of the keyring, and its secret is what it was. */
async function expectSealed({ cli, stored }: Desktop): Promise<void> {
  const [active = ""] = stored();
  const { stdout } = await succeeds(cli, ["status", CONFIG, "--keyring", "--json"]);
  expect(stdout).toContain(`"keyId": "${idOf(active)}"`);
  const shown = await succeeds(cli, [
    "decrypt",
    CONFIG,
    "--keyring",
    "--field",
    "/auth/token_value",
  ]);
  expect(shown.stdout.trim()).toBe(SECRET);
}

describe.skipIf(missing.length > 0)("a key in GNOME Keyring", () => {
  test("opens in both programs, is rotated and retired, and outlives a logout", async () => {
    const user = await deployed();
    const { cli, session, stored, key } = user;
    expect(await healthOf(user)).toMatchObject({
      status: 0,
      said: expect.stringContaining(`${idOf(key)} from the keyring entry master-key`),
    });

    await succeeds(cli, ["prepare-key", "--keyring"]);
    expect(stored()).toEqual([key, expect.stringMatching(/^next:/)]);
    await succeeds(cli, ALL);
    const [fresh = ""] = stored();
    expect(stored()).toEqual([fresh, key]);
    await expectSealed(user);

    await session.stopKeyring();
    await session.startKeyring();
    expect(stored()).toEqual([fresh, key]);
    const retire = ["retire-key", ".", "--keyring", "--delete-backups", "--yes"];
    await succeeds(cli, retire);
    expect(stored()).toEqual([fresh]);
    expect(pendingIn(cli)).toEqual([]);
    await expectSealed(user);
    expect(await healthOf(user)).toMatchObject({ status: 0 });
  });

  test("serves a client on standard input, which follows a rotation", async () => {
    const user = await deployed();
    const { child, said } = server(user);
    const answers = createInterface({ input: child.stdout });
    const ask = async (id: number, method: string, params: object) => {
      const answer = once(answers, "line");
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
      return JSON.parse(String((await answer)[0]));
    };
    const clientInfo = { name: "test", version: "1" };
    const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
    expect(await ask(1, "initialize", hello)).toMatchObject({ id: 1, result: expect.anything() });
    await succeeds(user.cli, ALL);
    while (!said().includes("the new config is in force")) await once(child.stderr, "data");
    const tools = await ask(2, "tools/list", {});
    expect(tools.result.tools.length).toBeGreaterThan(10);
    child.stdin.end();
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("can be one that another program put there", async () => {
    const { cli, session, stored } = await desktop();
    const attributes = ["service", "proxmox-mcp", "username", "master-key"];
    session.run("secret-tool", ["store", "--label=Proxmox MCP", ...attributes], `${KEY}\n`);
    cli.write(CONFIG, TEXT);
    await succeeds(cli, ["encrypt", CONFIG, "--in-place", "--keyring"]);
    await succeeds(cli, ALL);
    expect(stored()).toEqual([expect.any(String), KEY]);
    const found = session.run("secret-tool", ["search", "--all", "service", "proxmox-mcp"]);
    expect(found.match(/^label = /gm)).toEqual(["label = "]);
  });

  test("that is there is never overwritten by a first key", async () => {
    const { cli, stored, key } = await deployed();
    const { status, stderr } = await cli.run(["generate-key", "--keyring"]);
    expect(stderr).toContain("error[KEYRING_ENTRY_EXISTS]");
    expect(status).toBe(8);
    expect(stored()).toEqual([key]);
  });

  test("that is not there is no other key", async () => {
    const user = await desktop();
    user.cli.write(CONFIG, TEXT);
    user.cli.write(user.cli.keyFile, `${KEY}\n`, 0o600);
    const { status, stderr } = await user.cli.run(["encrypt", CONFIG, "--keyring"]);
    expect(stderr).toContain("error[KEY_UNREADABLE]: the keyring entry master-key is not there");
    expect(stderr).not.toContain(OLD_ID);
    expect(status).toBe(3);
  });

  test("that is locked is told at once, and no rotation begins", async () => {
    const user = await deployed();
    user.session.lock();
    for (const argv of [["status", CONFIG, "--keyring"], ALL, ["generate-key", "--keyring=work"]]) {
      const { status, stderr } = await user.cli.run(argv);
      expect(stderr).toMatch(/^error\[KEY\w+\]: the keyring entry [\w-]+: the keyring is locked/);
      expect(status).toBe(argv[0] === "generate-key" ? 8 : 3);
    }
    const { status, said } = await healthOf(user);
    expect(said).toContain("the keyring is locked");
    expect(status).toBe(3);
    expect(pendingIn(user.cli)).toEqual([]);
  });

  test("that answers nothing is not waited for", async () => {
    const { cli, session } = await deployed();
    session.pause();
    const { status, stderr } = await cli.run(["status", CONFIG, "--keyring"]);
    session.goOn();
    expect(stderr).toContain("the keyring entry master-key: the keyring does not answer");
    expect(status).toBe(3);
  });

  test("is finished by the next run where the first one died after the commit", async () => {
    const user = await deployed();
    const { cli, stored, key } = user;
    const died = await cli.run(ALL, { env: dyingAfter(cli, "renameSync", CONFIG) });
    expect(died.signal).toBe("SIGKILL");
    const [, next = ""] = stored();
    const fresh = next.replace("next:", "");
    expect(stored()).toEqual([key, `next:${fresh}`]);
    await succeeds(cli, ALL);
    expect(stored()).toEqual([fresh, key]);
    await expectSealed(user);
  });

  test("is finished by the next run where the keyring was gone before the commit", async () => {
    const user = await deployed();
    const { cli, session, stored, key } = user;
    await succeeds(cli, ["prepare-key", "--keyring"]);
    const prepared = stored();
    const before = cli.read(CONFIG);
    await session.stopKeyring();
    const { status, stderr } = await cli.run(ALL);
    expect(stderr).toContain("no keyring runs in this session");
    expect(status).toBe(3);
    expect(cli.read(CONFIG)).toBe(before);
    await session.startKeyring();
    expect(stored()).toEqual(prepared);
    await succeeds(cli, ALL);
    expect(stored()).toEqual([prepared[1]?.replace("next:", ""), key]);
    await expectSealed(user);
  });
});

test.skipIf(missing.length > 0)("without a D-Bus session there is no keyring", async () => {
  const cli = createCli();
  cli.write(CONFIG, TEXT);
  const { status, stderr } = await cli.run(["encrypt", CONFIG, "--keyring"]);
  expect(stderr).toContain("there is no D-Bus session, through which keyrings are reached");
  expect(stderr).toContain("PROXMOX_MCP_MASTER_KEY_FILE");
  expect(status).toBe(3);
});
