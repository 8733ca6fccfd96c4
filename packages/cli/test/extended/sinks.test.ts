/**
 * The sinks whose stores can be had here, with the real thing: pass (needs pass and gnupg), and
 * systemd-creds with a host key (needs systemd, and root, for a key that no other program will see).
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Cli, cleanEnvironment } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { findProgram } from "../programs.ts";
import { expectRotated, keyless, succeeds } from "../rotation/deployment.ts";
import { flagsOf, rotateWith, runSink, type SinkScript, storedAt } from "../sinks/store.ts";

function lacking(...programs: readonly string[]): readonly string[] {
  return programs.filter((name) => findProgram(name) === undefined);
}

function skipped(what: string, missing: readonly string[]): boolean {
  if (missing.length === 0) return false;
  process.stderr.write(`SKIPPED: the sink for ${what} needs ${missing.join(", ")}\n`);
  return true;
}

/** A password store with a key of its own, which needs no passphrase. */
function passwordStore(cli: Cli): SinkScript {
  // gpg's agent listens on a socket in it, whose path must be short.
  const gnupg = realpathSync(mkdtempSync(join(tmpdir(), "g-")));
  const env = { GNUPGHOME: gnupg, PASSWORD_STORE_DIR: join(cli.home, "store") };
  const run = (program: string, ...argv: readonly string[]) => {
    const all = { ...cleanEnvironment(cli.home), ...env };
    const { status, stderr } = spawnSync(program, argv, { env: all, encoding: "utf8" });
    expect(status, stderr).toBe(0);
  };
  onTestFinished(() => {
    run("gpgconf", "--kill", "all");
    rmSync(gnupg, { recursive: true, force: true });
  });
  const owner = "example@pve.example";
  run(
    "gpg",
    "--batch",
    "--passphrase",
    "",
    "--quick-generate-key",
    owner,
    "default",
    "default",
    "1d",
  );
  run("pass", "init", owner);
  return { name: "pass", env };
}

describe.skipIf(skipped("pass", lacking("pass", "gpg", "gpgconf")))("the sink for pass", () => {
  test("takes a key through a whole rotation", async () => {
    const cli = keyless();
    const sink = passwordStore(cli);
    await rotateWith(cli, sink);
    expect(readdirSync(join(cli.home, "store/proxmox-mcp"))).toEqual(["master-key.gpg"]);
  });

  // gpg opens the file that it is told to write with O_TRUNC, and then writes.
  test("keeps what is stored where gpg dies in the middle", () => {
    const cli = keyless();
    const sink = passwordStore(cli);
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    const real = findProgram("gpg") ?? "";
    const dying = `#!/usr/bin/env bash
for ((i = 1; i <= $#; i++)); do
  if [[ \${!i} == -o ]]; then j=$((i + 1)); : >"\${!j}"; kill -9 "$PPID"; exit 1; fi
done
exec ${real} "$@"
`;
    for (const name of ["gpg", "gpg2"]) cli.write(`../bin/${name}`, dying, 0o755);
    const path = [join(cli.directory, "..", "bin"), process.env["PATH"]].join(delimiter);
    const { status } = runSink(
      cli,
      { ...sink, env: { ...sink.env, PATH: path } },
      `${OTHER_KEY}\n`,
    );
    expect(status).not.toBe(0);
    expect(storedAt(cli, sink)).toEqual([KEY]);
    expect(runSink(cli, sink, `${OTHER_KEY}\n`).status).toBe(0);
    expect(storedAt(cli, sink)).toEqual([OTHER_KEY]);
  });

  test("keeps what is stored where gpg cannot encrypt, and where no key came", () => {
    const cli = keyless();
    const sink = passwordStore(cli);
    const more = { ...sink, env: { ...sink.env, PROXMOX_MCP_PASS_ENTRY: "servers/pve" } };
    expect(runSink(cli, more, `${KEY}\n`)).toMatchObject({ status: 0, stdout: "" });
    expect(runSink(cli, more, " \n").stderr).toContain("no key text came");
    cli.write(join(cli.home, "store/.gpg-id"), "nobody@pve.example\n");
    const { status } = runSink(cli, more, `${OTHER_KEY}\n`);
    expect(status).not.toBe(0);
    expect(storedAt(cli, more)).toEqual([KEY]);
  });
});

// A mount namespace of its own: what the host key is made in is nothing of this machine's.
const OWN_HOST = `mount --bind "$1" /var/lib/systemd && shift && exec "$@"`;
const isRoot = process.getuid?.() === 0;
const canMount =
  isRoot && spawnSync("unshare", ["--mount", "mount", "--bind", "/tmp", "/mnt"]).status === 0;
const missing = [
  ...lacking("systemd-creds", "unshare"),
  ...(canMount ? [] : ["root that may mount"]),
];

function credentials(cli: Cli): SinkScript {
  const host = join(cli.directory, "..", "host");
  mkdirSync(host);
  const file = join(cli.directory, "..", "credentials", "proxmox-mcp-master-key");
  mkdirSync(join(file, ".."));
  return {
    name: "systemd-creds",
    env: { PROXMOX_MCP_CREDENTIAL_FILE: file, PROXMOX_MCP_CREDENTIAL_KEY: "host" },
    through: ["unshare", "--mount", "bash", join(cli.directory, "..", "own-host.sh"), host],
  };
}

describe.skipIf(skipped("systemd-creds", missing))("the sink for systemd-creds", () => {
  test("takes a key through a whole rotation", async () => {
    const { cli, sink, file } = place();
    const fresh = await rotateWith(cli, sink);
    expect(readFileSync(file, "utf8")).not.toContain(fresh.slice(0, 12));
    expect(readdirSync(join(file, ".."))).toEqual(["proxmox-mcp-master-key"]);
    expect(cli.mode(file)).toBe("600");
  });

  test("stores a text whatever line ends it has at its end", () => {
    const { cli, sink } = place();
    for (const end of ["", "\n", "\n\n", "\r\n\r\n"]) {
      const text = `${OTHER_KEY}\n${KEY}${end}`;
      expect(runSink(cli, sink, text).status, JSON.stringify(end)).toBe(0);
      expect(storedAt(cli, sink)).toEqual([OTHER_KEY, KEY]);
    }
  });

  test("keeps what is stored where nothing can be encrypted, and where no key came", () => {
    const { cli, sink, file } = place();
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    const before = readFileSync(file, "utf8");
    expect(runSink(cli, sink, "\n").stderr).toContain("no key text came");
    const tpm = { ...sink, env: { ...sink.env, PROXMOX_MCP_CREDENTIAL_KEY: "no-such-key" } };
    expect(runSink(cli, tpm, `${OTHER_KEY}\n`).status).not.toBe(0);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(readdirSync(join(file, ".."))).toEqual(["proxmox-mcp-master-key"]);
  });

  // What LoadCredentialEncrypted= does when a unit starts: the credential, opened, in a directory of its own.
  test("is the source of the key as a unit gets it, restarted after each step of a rotation", async () => {
    const { cli, sink, file } = place();
    const given = join(cli.directory, "..", "given");
    const env = { ...sink.env, CREDENTIALS_DIRECTORY: given };
    const flags = flagsOf(sink);
    const restart = (): void => {
      rmSync(given, { recursive: true, force: true });
      mkdirSync(given, { mode: 0o700 });
      const [program = "", ...rest] = sink.through ?? [];
      const named = ["systemd-creds", "decrypt", "--name=proxmox-mcp-master-key", file, "-"];
      const { status, stdout, stderr } = spawnSync(program, [...rest, ...named]);
      expect(status, String(stderr)).toBe(0);
      writeFileSync(join(given, "proxmox-mcp-master-key"), stdout, { mode: 0o400 });
    };
    const check = () => succeeds(cli, ["status", ".", "--check"], { ...env, ...bound });
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    restart();
    const { stdout, stderr } = await succeeds(cli, ["status", ".", "--table"], env);
    expect(stdout + stderr).toContain("from the systemd credential proxmox-mcp-master-key");

    await succeeds(cli, ["prepare-key", ...flags], env);
    restart();
    await succeeds(cli, ["rotate-key-all", ".", ...flags], env);
    // The key that waited opens what was rotated before the unit is restarted.
    await check();
    restart();
    await check();
    await succeeds(cli, ["retire-key", ".", "--delete-backups", "--yes", ...flags], env);
    restart();
    await check();
    await expectRotated(cli, readFileSync(join(given, "proxmox-mcp-master-key"), "utf8"));
  });

  test("makes a credential that the server finds by its name", () => {
    const { cli, sink, file } = place();
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    const [program = "", ...rest] = sink.through ?? [];
    const named = ["systemd-creds", "decrypt", "--name=another", file, "-"];
    const refused = spawnSync(program, [...rest, ...named], { encoding: "utf8" });
    expect(refused.stderr).toContain("proxmox-mcp-master-key");
    expect(refused.status).not.toBe(0);
    expect(existsSync("/var/lib/systemd/credential.secret")).toBe(hasHostKey);
  });
});

const bound = { PROXMOX_MCP_REQUIRE_BOUND: "true" };
const hasHostKey = existsSync("/var/lib/systemd/credential.secret");

function place(): { readonly cli: Cli; readonly sink: SinkScript; readonly file: string } {
  const cli = keyless();
  cli.write("../own-host.sh", OWN_HOST);
  const sink = credentials(cli);
  return { cli, sink, file: sink.env["PROXMOX_MCP_CREDENTIAL_FILE"] ?? "" };
}
