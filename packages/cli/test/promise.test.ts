/**
 * The promise: exit status 0 only if everything asked for is complete, and every file wholly old or
 * wholly new at every instant. A key command runs in the middle of the work, after the config was read
 * and before anything is written: it stands for what others do meanwhile, without any waiting.
 */
import { describe, expect, test } from "vitest";
import { type Cli, createCli, type Outcome } from "./cli.ts";
import { BOUND, config, KEY } from "./material.ts";

const posix = process.platform !== "win32";

/** Runs a command; shell lines are run in its directory after the config was read. */
function meanwhile(
  cli: Cli,
  argv: readonly string[],
  ...lines: readonly string[]
): Promise<Outcome> {
  cli.write("../meanwhile", `#!/bin/sh\n${lines.join("\n")}\necho ${KEY}\n`, 0o755);
  return cli.run(argv, { env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "../meanwhile" } });
}

function prepared(): Cli {
  const cli = createCli();
  cli.write("config.json", config());
  cli.write("sealed.json", config(BOUND.token));
  return cli;
}

function names(cli: Cli): readonly string[] {
  return cli.snapshot().flatMap((line) => /^work\/(\S+) /.exec(line)?.[1] ?? []);
}

const REPLACING = [
  ["encrypt --in-place", ["encrypt", "config.json", "--in-place"], "config.json"],
  ["set", ["set", "sealed.json", "/auth/token_value", "--generate", "uuid"], "sealed.json"],
] as const;

const CREATING = [
  ["encrypt", ["encrypt", "config.json"], "config.encrypted.json"],
  ["decrypt -o", ["decrypt", "sealed.json", "-o", "plain.json"], "plain.json"],
] as const;

describe.skipIf(!posix)("somebody else, after the config was read", () => {
  test.each(REPLACING)("changes it: %s leaves the change alone", async (_, argv, file) => {
    const cli = prepared();
    const before = names(cli);
    const { status, stderr } = await meanwhile(cli, argv, `echo '{ "theirs": 1 }' > ${file}`);
    expect(status).toBe(8);
    expect(stderr).toMatch(/^error\[FILE_CHANGED\].*changed by somebody else.* Way out: .+\n$/);
    expect(cli.read(file)).toBe('{ "theirs": 1 }\n');
    expect(names(cli)).toEqual(before);
  });

  test.each(REPLACING)(
    "replaces it by a text of the same length: %s notices",
    async (_, argv, file) => {
      const cli = prepared();
      const swapped = cli.read(file).replace('"mcp@pve"', '"him@pve"');
      cli.write("../swap", swapped);
      const { status } = await meanwhile(
        cli,
        argv,
        `touch -r ${file} ../swap`,
        `mv ../swap ${file}`,
      );
      expect(status).toBe(8);
      expect(cli.read(file)).toBe(swapped);
    },
  );

  test.each(REPLACING)("deletes it: %s does not bring it back", async (_, argv, file) => {
    const cli = prepared();
    const { status } = await meanwhile(cli, argv, `rm ${file}`);
    expect(status).not.toBe(0);
    expect(names(cli)).toEqual(names(cli).filter((name) => name !== file));
  });

  test.each(CREATING)(
    "takes the name of the output: %s leaves it alone",
    async (_, argv, output) => {
      const cli = prepared();
      const { status, stderr } = await meanwhile(cli, argv, `echo theirs > ${output}`);
      expect(status).toBe(8);
      expect(stderr).toMatch(/^error\[OUTPUT_EXISTS\]/);
      expect(cli.read(output)).toBe("theirs\n");
    },
  );
});

describe.skipIf(!posix)("a signal in the middle of the work", () => {
  const signals = ["INT", "TERM", "HUP"] as const;
  const commands = [...REPLACING, ...CREATING];
  test.each(
    commands.flatMap(([what, argv]) => signals.map((signal) => [what, signal, argv] as const)),
  )("%s, SIG%s: exit status 130, nothing changed", async (_, signal, argv) => {
    const cli = prepared();
    cli.write("../meanwhile", "");
    const before = cli.snapshot().filter((line) => !line.startsWith("meanwhile"));
    const { status, stderr } = await meanwhile(cli, argv, `kill -${signal} $PPID`);
    expect(status).toBe(130);
    expect(stderr).toMatch(/^error\[INTERRUPTED\][^\n]* Way out: [^\n]+\n$/);
    expect(cli.snapshot().filter((line) => !line.startsWith("meanwhile"))).toEqual(before);
  });

  test.each([
    ["decrypt", ["decrypt", "sealed.json"]],
    ["decrypt --field", ["decrypt", "sealed.json", "--field", "/auth/token_value"]],
  ] as const)("%s prints no secret any more", async (_, argv) => {
    const { status, stdout } = await meanwhile(prepared(), argv, "kill -TERM $PPID");
    expect({ status, stdout }).toEqual({ status: 130, stdout: "" });
  });

  test("SIGKILL leaves every file wholly old, and the next run is not in its way", async () => {
    const cli = prepared();
    const { signal } = await meanwhile(cli, REPLACING[0][1], "kill -KILL $PPID");
    expect(signal).toBe("SIGKILL");
    expect(cli.read("config.json")).toBe(config());
    cli.write(cli.keyFile, KEY, 0o600);
    expect((await cli.run(REPLACING[0][1])).status).toBe(0);
  });
});

describe("what a killed run left", () => {
  test("is cleared away by the next that writes, and is no config for status", async () => {
    const cli = prepared();
    cli.write(cli.keyFile, KEY, 0o600);
    cli.write(".config.json.pm-0123456789abcdef.new", config("half"));
    const { stdout } = await cli.run(["status", "."]);
    expect(stdout).not.toContain(".pm-");
    await cli.run(["encrypt", "config.json"]);
    expect(names(cli)).toEqual(["config.encrypted.json", "config.json", "sealed.json"]);
  });
});

describe("several runs at once", () => {
  test("in one directory: each is whole, or says that another holds the lock", async () => {
    const cli = prepared();
    cli.write(cli.keyFile, KEY, 0o600);
    const values = ["one", "two", "three", "four"];
    const outcomes = await Promise.all(
      values.map((input) => cli.run(["set", "sealed.json", "/auth/token_value"], { input })),
    );
    const done = values.filter((_, index) => outcomes[index]?.status === 0);
    expect(done.length).toBeGreaterThan(0);
    for (const { status, stderr } of outcomes) {
      if (status !== 0) expect(stderr).toMatch(/^error\[(LOCKED|FILE_CHANGED)\]/);
    }
    const { stdout } = await cli.run(["decrypt", "sealed.json", "--field", "/auth/token_value"]);
    expect(done).toContain(stdout.trimEnd());
    expect(names(cli)).toEqual(["config.json", "sealed.json"]);
  });
});

describe("an output that is the input of something else", () => {
  test("encrypt -o the master key file is refused, and the key stays", async () => {
    const cli = prepared();
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    const { status } = await cli.run(["encrypt", "config.json", "-o", cli.keyFile]);
    expect(status).toBe(8);
    expect(cli.read(cli.keyFile)).toBe(`${KEY}\n`);
  });

  test("encrypt -o the master key file --force is refused as well: it would lock its own output", async () => {
    const cli = prepared();
    cli.write(cli.keyFile, `${KEY}\n`, 0o600);
    const { status } = await cli.run(["encrypt", "config.json", "-o", cli.keyFile, "--force"]);
    expect(status).not.toBe(0);
    expect(cli.read(cli.keyFile)).toBe(`${KEY}\n`);
  });
});

describe.skipIf(!posix)("surroundings that are no fault of the user's", () => {
  test.each(["377", "777"])(
    "umask %s leaves no lock behind that nobody can open",
    async (umask) => {
      const cli = prepared();
      cli.write(cli.keyFile, KEY, 0o600);
      const through = ["sh", "-c", `umask ${umask} && exec "$@"`, "sh"];
      const first = await cli.run(["encrypt", "config.json"], { through });
      const second = await cli.run(["encrypt", "config.json"]);
      expect([first.status, second.status]).toEqual([0, 0]);
      expect(names(cli)).not.toContain(".proxmox-mcp.lock");
    },
  );

  test("a signal ends the wait for a key command that hangs", async () => {
    const cli = prepared();
    const before = names(cli);
    cli.write("../hang", "#!/bin/sh\nkill -TERM $PPID\nexec sleep 1000\n", 0o755);
    const { status, stderr } = await cli.run(["encrypt", "config.json"], {
      env: { PROXMOX_MCP_MASTER_KEY_COMMAND: "../hang" },
    });
    expect(status).toBe(130);
    expect(stderr).toMatch(/^error\[INTERRUPTED\]/);
    expect(names(cli)).toEqual(before);
  });
});
