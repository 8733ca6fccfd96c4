/** What `retire-key` looks into: names that only resemble ours, links, and the state directory. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseMasterKey } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { type Cli, createCli, type Outcome } from "../cli.ts";
import { BOUND, config, OTHER_KEY as NEW, KEY as OLD } from "../material.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";

const BOTH = `${NEW}\n${OLD}\n`;
const OLD_ID = parseMasterKey(OLD).id ?? "";
const NEEDY = config(BOUND.token);
const RUN = "0123456789abcdef";
const posix = process.platform !== "win32";
const root = process.getuid?.() === 0;

if (!root)
  process.stdout.write("NOT TESTED, since it needs root: a pending file of another user\n");

/** A key file that holds both keys, and a config that was sealed with the new one. */
async function rotated(): Promise<Cli> {
  const cli = createCli();
  cli.write(cli.keyFile, BOTH, 0o600);
  cli.write("config.json", config());
  expect((await cli.run(["encrypt", "config.json", "--in-place"])).status).toBe(0);
  return cli;
}

async function refused(cli: Cli, ...directories: string[]): Promise<Outcome> {
  const outcome = await cli.run(["retire-key", ".", ...directories]);
  expect(outcome.stderr).toMatch(/^error\[RETIRE_REFUSED\].*nothing was changed/s);
  expect(outcome.status).toBe(7);
  expect(cli.read(cli.keyFile)).toBe(BOTH);
  return outcome;
}

async function retires(cli: Cli, ...directories: string[]): Promise<void> {
  const { status, stderr } = await cli.run(["retire-key", ".", ...directories]);
  expect(stderr).toContain(`Retired key ${OLD_ID}`);
  expect(status).toBe(0);
  expect(cli.read(cli.keyFile)).toBe(`${NEW}\n`);
}

describe("a file that only resembles ours is somebody's, and looked into", () => {
  test.each([
    ".proxmox-mcp.txn.bak",
    ".proxmox-mcp.lock~",
    "proxmox-mcp.txn",
    `.config.json.pm-${RUN}`,
    `config.json.pm-${RUN}.old`,
    `.config.json.pm-${RUN.slice(1)}.old`,
    `.config.json.pm-${RUN.toUpperCase()}.old`,
    `.config.json.pm-${RUN}.old.1`,
    `.pm-${RUN}.new`,
  ])("%s", async (name) => {
    const cli = await rotated();
    cli.write(`sub/${name}`, NEEDY);
    expect((await refused(cli)).stderr).toContain(`sub/${name}:6: `);
  });
});

describe("a directory with a name of ours is no file of ours, and looked into", () => {
  test.each([".proxmox-mcp.txn", ".proxmox-mcp.lock", `.a.pm-${RUN}.new`, `.a.pm-${RUN}.old`])(
    "%s",
    async (name) => {
      const cli = await rotated();
      cli.write(`sub/${name}/deeper/config.json`, NEEDY);
      // Nothing is locked or read there that would have to be a file.
      expect((await refused(cli, "sub")).stderr).toContain(`${name}/deeper/config.json:6: `);
    },
  );
});

test("a directory that only resembles one that is passed by is looked into", async () => {
  for (const name of [".github", "node_modules.old", "git"]) {
    const cli = await rotated();
    cli.write(`${name}/config.json`, NEEDY);
    expect((await refused(cli)).stderr).toContain(`${name}/config.json:6: `);
  }
});

describe.skipIf(!posix)("links", () => {
  test("to files elsewhere are followed, by way of other links too", async () => {
    const cli = await rotated();
    cli.write(join(cli.home, "store/old.json"), NEEDY);
    symlinkSync("old.json", join(cli.home, "store/second"));
    mkdirSync(cli.path("deep/er"), { recursive: true });
    symlinkSync(join(cli.home, "store/second"), cli.path("deep/er/first"));
    expect((await refused(cli)).stderr).toContain("deep/er/first:6: ");
  });

  test("whose names are ours are followed like others", async () => {
    const cli = await rotated();
    cli.write(join(cli.home, "old.json"), NEEDY);
    symlinkSync(join(cli.home, "old.json"), cli.path(`.gone.json.pm-${RUN}.old`));
    expect((await refused(cli)).stderr).toContain(`.gone.json.pm-${RUN}.old:6: `);
  });

  test("into node_modules, where no links are looked for, are followed", async () => {
    const cli = await rotated();
    cli.write("node_modules/a/old.json", NEEDY);
    symlinkSync("node_modules/a/old.json", cli.path("used.json"));
    expect((await refused(cli)).stderr).toContain("old.json:6");
    rmSync(cli.path("node_modules/a/old.json"));
    renameSync(cli.path("used.json"), cli.path("node_modules/used.json"));
    symlinkSync("node_modules/a", cli.path("a"));
    expect((await refused(cli)).stderr).toContain("which was not looked into");
  });

  test("to directories elsewhere stand in the way until those are named as well", async () => {
    const cli = await rotated();
    const elsewhere = join(cli.home, "configs");
    cli.write(join(elsewhere, "harmless.txt"), "nothing");
    symlinkSync(elsewhere, cli.path("configs"));
    const { stderr } = await refused(cli);
    expect(stderr).toContain(`leads to the directory ${elsewhere}, which was not looked into`);
    expect(stderr).toContain("name the directories that links lead to as well");
    await retires(cli, elsewhere);
  });

  test("to directories that are named, with an old token in them, do not hide it", async () => {
    const cli = await rotated();
    const elsewhere = join(cli.home, "configs");
    cli.write(join(elsewhere, "old.json"), NEEDY);
    symlinkSync(elsewhere, cli.path("configs"));
    expect((await refused(cli, elsewhere)).stderr).toContain("old.json:6: ");
  });
});

test.skipIf(process.platform !== "linux")(
  "a name that no path can spell stands in the way, whatever is in the file",
  async () => {
    const cli = await rotated();
    writeFileSync(Buffer.from(`${cli.directory}/caf\xe9.txt`, "latin1"), "nothing");
    expect((await refused(cli)).stderr).toContain("its name is not UTF-8");
  },
);

describe("the state directory", () => {
  const NEXT = `${NEW}\nnext:${OLD}\n`;

  /** A key file with one key, and a pending file of the next one. @returns its path. */
  function pending(cli: Cli, base: string): string {
    const path = join(base, `proxmox-mcp/pending-${OLD_ID}`);
    cli.write(path, NEXT, 0o600);
    chmodSync(join(base, "proxmox-mcp"), 0o700);
    return path;
  }

  async function refusedForSuccessor(cli: Cli, env: Record<string, string> = {}): Promise<void> {
    const { status, stderr } = await cli.run(["retire-key", "."], { env });
    expect(stderr).toContain(`key ${OLD_ID} waits to become the active one`);
    expect(status).toBe(7);
  }

  test.skipIf(!posix)("is that of XDG_STATE_HOME, if that is absolute", async () => {
    const cli = await rotated();
    const state = join(cli.home, "state");
    pending(cli, state);
    await refusedForSuccessor(cli, { XDG_STATE_HOME: state });
    await retires(cli);
    const other = await rotated();
    pending(other, join(other.home, ".local/state"));
    await refusedForSuccessor(other, { XDG_STATE_HOME: "state" });
  });

  test.skipIf(!posix)(
    "may hold a pending file that others could have written: exit 3",
    async () => {
      const cli = await rotated();
      chmodSync(pending(cli, join(cli.home, ".local/state")), 0o666);
      const { status, stderr } = await cli.run(["retire-key", "."]);
      expect(stderr).toMatch(/^error\[KEY_UNREADABLE\].*pending-/);
      expect(status).toBe(3);
      expect(cli.read(cli.keyFile)).toBe(BOTH);
    },
  );

  test.skipIf(!posix)("that is open to others keeps no new key", async () => {
    const cli = await rotated();
    const state = join(cli.home, ".local/state/proxmox-mcp");
    mkdirSync(state, { recursive: true });
    chmodSync(state, 0o755);
    const env = { PROXMOX_MCP_MASTER_KEY: `${NEW}\n` };
    const argv = ["rotate-key-all", ".", "--new-key-sink", "sh -c 'cat >stored'"];
    const { status, stderr } = await cli.run(argv, { env });
    expect(stderr).toContain(`cannot keep a new key in ${state}: the directory is open to others`);
    expect(stderr).toContain(`chmod 700 ${state}`);
    expect(status).toBe(8);
    expect(cli.snapshot().join("\n")).not.toContain("work/stored");
  });

  test.runIf(root && asOrdinaryUser !== undefined)(
    "that is root's keeps none of ours",
    async () => {
      const cli = await rotated();
      const state = join(cli.home, ".local/state/proxmox-mcp");
      mkdirSync(state, { recursive: true });
      // An ordinary user may look at it, and no more.
      chmodSync(state, 0o755);
      for (const path of [cli.directory, cli.path("config.json")]) chownSync(path, 65534, 65534);
      const env = { PROXMOX_MCP_MASTER_KEY: `${NEW}\n` };
      const argv = ["rotate-key-all", ".", "--new-key-sink", "sh -c 'cat >stored'"];
      const { status, stderr } = await cli.run(argv, { env, through: asOrdinaryUser ?? [] });
      expect(stderr).toContain(`others may write in ${state}, where new keys wait`);
      expect(status).toBe(3);
      expect(cli.snapshot().join("\n")).not.toContain("work/stored");
    },
  );

  test.runIf(root && asOrdinaryUser !== undefined)(
    "may hold a pending file of another user, which is not followed",
    async () => {
      const cli = await rotated();
      const path = pending(cli, join(cli.home, ".local/state"));
      chmodSync(path, 0o644);
      chownSync(join(cli.home, ".local/state/proxmox-mcp"), 65534, 65534);
      chmodSync(cli.directory, 0o777);
      chownSync(path, 12345, 12345);
      const { status, stderr } = await cli.run(["retire-key", ".", "--new-key-sink", "cat"], {
        env: { PROXMOX_MCP_MASTER_KEY: BOTH },
        through: asOrdinaryUser ?? [],
      });
      expect(stderr).toContain(`the pending file ${path} is not ours: it belongs to user 12345`);
      expect(status).toBe(3);
    },
  );
});
