import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { errorJson, formatError, type ProxmoxMcpError } from "../../src/errors.ts";
import { parseSink, type Sink, type SinkPhase, storeAtSink } from "../../src/files/index.ts";
import { formatKeyText, type KeyText } from "../../src/key/key-text.ts";
import { exampleKey } from "../material.ts";
import { failure, names, useDirectory } from "./harness.ts";

const posix = process.platform !== "win32";
const linux = process.platform === "linux";
const directory = useDirectory();

const OLD = exampleKey("old");
const NEW = exampleKey("new");
const KEYS: KeyText = { active: OLD, successor: NEW, retired: [exampleKey("retired")] };
const TEXT = formatKeyText(KEYS);

afterEach(() => vi.unstubAllEnvs());

interface Details {
  phase?: SinkPhase;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  timeLimit?: number;
  verify?: readonly string[];
}

function at(name: string): string {
  return join(directory(), name);
}

function run(argv: readonly string[], details: Details = {}) {
  const { phase = "prepare", env = process.env, signal, timeLimit, verify } = details;
  const sink: Sink = {
    argv,
    ...(verify === undefined ? {} : { verifyArgv: verify }),
    ...(timeLimit === undefined ? {} : { timeLimit }),
  };
  return storeAtSink(sink, KEYS, phase, { env: { ...env, HERE: directory() }, signal });
}

/** A sink that is a script for Node. */
function node(script: string): string[] {
  return [process.execPath, "-e", script];
}

/** A sink that is a shell script; what it stores is in the directory `$HERE`. */
function sh(script: string): string[] {
  return ["sh", "-c", script];
}

/** Everything that an error can show to anybody. */
function everythingOf(error: ProxmoxMcpError): string {
  const json = JSON.stringify(errorJson(error));
  return [formatError(error), json, inspect(error, { depth: 9 }), error.stack].join("\n");
}

const READ_ALL = "const text = require('fs').readFileSync(0, 'utf8');";
const READ_ALL_AND_STORE = `${READ_ALL} require('fs').writeFileSync(process.env.HERE + '/stored', text);`;

describe("parseSink", () => {
  it("splits both commands and never needs a shell", () => {
    expect(parseSink("gh secret set 'A B'", 'vault kv get "x y"', 500)).toEqual({
      argv: ["gh", "secret", "set", "A B"],
      verifyArgv: ["vault", "kv", "get", "x y"],
      timeLimit: 500,
    });
    expect(parseSink("gh secret set")).toEqual({ argv: ["gh", "secret", "set"] });
  });

  it.each([
    ["--new-key-sink is empty", [" "]],
    ["--new-key-sink has a quote that is not closed", ["gh 'x"]],
    ["--sink-verify is empty", ["gh", ""]],
    ["--sink-verify has a quote that is not closed", ["gh", 'x "']],
  ] as const)("says that %s", async (message, [command, verify]) => {
    expect(await failure(() => parseSink(command, verify))).toMatchObject({
      code: "USAGE",
      message,
    });
  });

  it.each([
    ["as a word", (key: string) => `gh secret set X --body ${key}`],
    ["behind an equals sign", (key: string) => `gh secret set X --body=${key}`],
    ["without its padding", (key: string) => `store ${key.slice(0, -1)}`],
    ["as a successor", (key: string) => `store next:${key}`],
    ["in a script", (key: string) => `sh -c "echo ${key} | store"`],
    ["with quotes in its middle", (key: string) => `store '${key.slice(0, 9)}'${key.slice(9)}`],
  ])("refuses a key %s", async (_, command) => {
    for (const [sink, verify] of [
      [command(OLD.reveal()), "cat"],
      ["cat", command(OLD.reveal())],
    ] as const) {
      const error = await failure(() => parseSink(sink, verify));
      expect(error.code).toBe("USAGE");
      expect(error.message).toMatch(/^--(new-key-sink|sink-verify) holds a key$/);
      expect(everythingOf(error)).not.toContain(OLD.reveal().slice(9, 40));
    }
  });
});

describe("storeAtSink", () => {
  it.each(["prepare", "promote", "retire"] as const)(
    "hands over the whole key text and the phase %s",
    async (phase) => {
      const script = `${READ_ALL_AND_STORE} require('fs').writeFileSync(process.env.HERE + '/phase', process.env.PROXMOX_MCP_SINK_PHASE)`;
      expect(await run(node(script), { phase })).toEqual({
        phase,
        program: process.execPath,
        verified: false,
      });
      expect(readFileSync(at("stored"), "utf8")).toBe(TEXT);
      expect(readFileSync(at("phase"), "utf8")).toBe(phase);
    },
  );

  it("leaves no key in its environment, whatever the variable is called, and all else", async () => {
    const env = {
      ...process.env,
      GH_TOKEN: "an example token",
      VAULT_TOKEN: exampleKey("of somebody else").reveal(),
      PROXMOX_MCP_MASTER_KEY: OLD.reveal(),
      PROXMOX_MCP_MASTER_KEY_STAGING: "staging",
      PROXMOX_MCP_MASTER_KEY_COMMAND: "cat key",
      TEAM_KEY: TEXT,
      TEAM_KEY_UNPADDED: OLD.bytes.toString("base64").replace("=", ""),
    };
    const script = `${READ_ALL} require('fs').writeFileSync(process.env.HERE + '/env', JSON.stringify(process.env))`;
    await run(node(script), { env });
    const seen = JSON.parse(readFileSync(at("env"), "utf8"));
    const { GH_TOKEN, VAULT_TOKEN } = env;
    expect(seen).toMatchObject({ GH_TOKEN, VAULT_TOKEN, PROXMOX_MCP_SINK_PHASE: "prepare" });
    expect(Object.keys(seen).filter((name) => /MASTER_KEY|TEAM_KEY/.test(name))).toEqual([]);
  });

  it.runIf(linux)("gives it a session of its own", async () => {
    await run(sh("cat > /dev/null; cat /proc/$$/stat > $HERE/stat; echo $$ > $HERE/pid"));
    const pid = readFileSync(at("pid"), "utf8").trim();
    const [, , , , group, session] = readFileSync(at("stat"), "utf8").split(" ");
    expect([group, session]).toEqual([pid, pid]);
  });

  it("drops what it prints where it does well", async () => {
    const script = `${READ_ALL} console.log(text.repeat(9999)); console.error(text.repeat(9999))`;
    expect(await run(node(script))).toMatchObject({ verified: false });
  });

  it("leaves nothing in the temporary directory", async () => {
    mkdirSync(at("tmp"));
    vi.stubEnv("TMPDIR", at("tmp"));
    await run(node(READ_ALL));
    await failure(() => run(["no-such-program-anywhere"]));
    expect(names(at("tmp"))).toEqual([]);
  });

  it("feeds it where there is no temporary directory, too", async () => {
    vi.stubEnv("TMPDIR", at("absent"));
    await run(node(READ_ALL_AND_STORE));
    expect(readFileSync(at("stored"), "utf8")).toBe(TEXT);
  });

  const doubts = {
    prepare: "the new key counts as perhaps stored: the pending key is kept and will be used again",
    promote:
      "the new key counts as perhaps stored as the active one: the pending key is kept and will be used again",
    retire: "the old keys count as perhaps removed there: they are kept here",
  };

  it.each(["prepare", "promote", "retire"] as const)(
    "says what a failure in the phase %s leaves open",
    async (phase) => {
      const error = await failure(() => run(node(`${READ_ALL} process.exit(3)`), { phase }));
      expect(error).toMatchObject({
        code: "SINK_FAILED",
        message: `--new-key-sink: ${process.execPath} ended with status 3; ${doubts[phase]}`,
      });
      expect(error.hint).toContain("run the command again");
    },
  );

  it.runIf(posix)("tells one that dies half-way", async () => {
    const error = await failure(() => run(sh("head -c 10 > $HERE/stored; kill -9 $$")));
    expect(error.code).toBe("SINK_FAILED");
    expect(error.message).toBe(`--new-key-sink: sh died of SIGKILL; ${doubts.prepare}`);
  });

  it.runIf(linux).each([
    ["reads nothing", ["true"]],
    ["reads nothing for a while", sh("sleep 0.2")],
    ["reads the first key only", sh("IFS= read -r line; echo $line > $HERE/stored")],
    ["closes its input", sh("exec <&-; sleep 0.2")],
  ])("tells one that %s and ends with status 0", async (_, argv) => {
    const error = await failure(() => run(argv));
    expect(error).toMatchObject({
      code: "SINK_FAILED",
      message: `--new-key-sink: ${argv[0]} ended without reading all of the key text; ${doubts.prepare}`,
    });
    expect(error.hint).toContain("from its standard input");
  });

  it.each(["no-such-program-anywhere", "/etc/passwd/sink"])(
    "tells that %s is missing",
    async (name) => {
      const error = await failure(() => run([name]));
      expect(error.code).toBe("SINK_FAILED");
      expect(error.message).toMatch(
        /could not be started: .+; it got nothing: the pending key is kept/,
      );
      expect(error.message).toContain(`--new-key-sink: ${name} could`);
    },
  );

  it.runIf(posix)("tells a file that is no program", async () => {
    writeFileSync(at("sink"), "#!/bin/sh\n");
    chmodSync(at("sink"), 0o644);
    const error = await failure(() => run([at("sink")]));
    expect(error.code).toBe("SINK_FAILED");
    expect(error.message).toContain("could not be started: permission denied; it got nothing");
  });

  it("gives up one that hangs", async () => {
    const error = await failure(() => run(node("setInterval(() => {}, 1000)"), { timeLimit: 300 }));
    expect(error).toMatchObject({
      code: "SINK_FAILED",
      message: `--new-key-sink: ${process.execPath} did not end within 0.3 s; ${doubts.prepare}`,
    });
  });

  it.runIf(linux)("does not wait for what it leaves behind holding its pipes", async () => {
    await run(sh("cat > $HERE/stored; sleep 1000 & echo $! > $HERE/pid"));
    const pid = Number(readFileSync(at("pid"), "utf8"));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid);
  });

  it.runIf(linux)("ends all that it started when it is interrupted", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const script = "sleep 1000 & echo $! > $HERE/child.new; mv $HERE/child.new $HERE/child; wait";
    const stored = failure(() => run(sh(script), { signal }));
    while (!existsSync(at("child"))) await tick();
    const child = Number(readFileSync(at("child"), "utf8"));
    expect(isAlive(child)).toBe(true);
    controller.abort();
    expect(await stored).toMatchObject({
      code: "INTERRUPTED",
      message: `--new-key-sink: sh was interrupted; ${doubts.prepare}`,
    });
    while (isAlive(child)) await tick();
  });

  it.runIf(linux)("ends all that it started when it hangs", async () => {
    const script = "sleep 1000 & echo $! > $HERE/child; wait";
    const error = await failure(() => run(sh(script), { timeLimit: 2000 }));
    expect(error.message).toContain("did not end within 2 s");
    const child = Number(readFileSync(at("child"), "utf8"));
    while (isAlive(child)) await tick();
  });

  it("is not started after an interruption", async () => {
    const error = await failure(() =>
      run(node(READ_ALL_AND_STORE), { signal: AbortSignal.abort() }),
    );
    expect(error.code).toBe("INTERRUPTED");
    expect(error.message).toContain("it got nothing: the pending key is kept");
    expect(names(directory())).toEqual([]);
  });

  it.runIf(linux)("may write to its own input", async () => {
    await run(sh("head -c 3000000 /dev/zero >&0; cat > $HERE/stored"), { timeLimit: 20_000 });
    expect(readFileSync(at("stored"), "utf8")).toBe(TEXT);
  });

  it.runIf(linux)("tells one that opens its input by a name how to get a pipe", async () => {
    const error = await failure(() => run(["cat", "/dev/stdin"]));
    expect(error.message).toContain("It said: cat: /dev/stdin: No such device or address");
    expect(error.hint).toContain("sh -c 'cat | COMMAND'");
    await run(sh("cat | cat /dev/stdin > $HERE/stored"));
    expect(readFileSync(at("stored"), "utf8")).toBe(TEXT);
  });
});

describe("an error of a sink", () => {
  it("repeats the last thing that it said", async () => {
    const script = `${READ_ALL} console.error('trying'); console.error('HTTP 403: not permitted'); process.exitCode = 1`;
    const error = await failure(() => run(node(script)));
    expect(error.message).toMatch(/will be used again\. It said: HTTP 403: not permitted$/);
  });

  it.each([
    ["as it is", "text"],
    ["in one line", "text.split('\\n').join(' ')"],
    ["as JSON", "JSON.stringify({ text })"],
    ["as an address", "'https://store.example/' + encodeURIComponent(text)"],
    ["in base64", "Buffer.from(text).toString('base64')"],
    ["in base64 behind something", "Buffer.from('{' + text + '}').toString('base64')"],
    ["in hex", "Buffer.from(text.split('\\n')[0], 'base64url').toString('hex').toUpperCase()"],
    ["cut short", "text.slice(4, 24)"],
  ])("never holds a key that was printed %s", async (_, expression) => {
    const script = `${READ_ALL} const shown = ${expression}; console.log(shown); console.error(shown); process.exitCode = 1`;
    const error = await failure(() => run(node(script)));
    expect(error.message).toMatch(/What it said is not shown: it holds a part of a key$/);
    const seen = everythingOf(error).toLowerCase();
    const keys = [OLD, NEW, ...KEYS.retired];
    for (const { bytes } of keys) {
      for (const encoding of ["base64url", "base64", "hex"] as const) {
        const spelling = bytes.toString(encoding).toLowerCase();
        for (let start = 0; start + 8 < spelling.length; start++) {
          expect(seen).not.toContain(spelling.slice(start, start + 8));
        }
      }
    }
  });
});

describe("--sink-verify", () => {
  const print = (text: string) => node(`process.stdout.write(${JSON.stringify(text)})`);
  const store = node(READ_ALL_AND_STORE);

  it("reads back what was stored", async () => {
    const verify = node(
      "process.stdout.write(require('fs').readFileSync(process.env.HERE + '/stored'))",
    );
    expect(await run(store, { verify })).toMatchObject({ verified: true });
  });

  it("accepts another way to write the same keys", async () => {
    const text = TEXT.replaceAll("=", "").replaceAll("\n", "  \r\n");
    expect(await run(store, { verify: print(text) })).toMatchObject({ verified: true });
  });

  const [active = "", successor = "", retired = ""] = TEXT.split("\n");
  it.each([
    ["another key text", exampleKey("another").reveal(), "printed another key text"],
    ["the active key alone", active, "printed another key text"],
    ["the roles changed", [NEW.reveal(), `next:${active}`, retired].join("\n"), "printed another"],
    ["the successor retired", [active, NEW.reveal(), retired].join("\n"), "printed another"],
    ["one key more", `${TEXT}${exampleKey("more").reveal()}`, "printed another key text"],
    ["another order", [active, retired, successor, exampleKey("x").reveal()].join("\n"), "another"],
    ["nothing", "", "printed nothing"],
    ["white space", " \n", "printed nothing"],
    ["no key text", "the secret is stored", "printed something that is no key text"],
    ["quotes around it", `"${TEXT}"`, "printed something that is no key text"],
  ])("refuses %s", async (_, text, trouble) => {
    const error = await failure(() => run(store, { verify: print(text) }));
    expect(error.code).toBe("SINK_FAILED");
    expect(error.message).toContain(`--sink-verify: ${process.execPath} `);
    expect(error.message).toContain(trouble);
    expect(error.message).toContain("counts as perhaps stored: the pending key is kept");
    expect(everythingOf(error)).not.toContain(active.slice(0, 12));
    expect(everythingOf(error)).not.toContain(NEW.reveal().slice(0, 12));
  });

  it.each([
    ["fails", `console.log(${JSON.stringify(TEXT)}); process.exitCode = 4`, "ended with status 4"],
    ["prints too much", "process.stdout.write('A'.repeat(100_000))", "printed more than 65536"],
    ["hangs", "setInterval(() => {}, 1000)", "did not end within 3 s", 3000],
  ])("tells a command that %s", async (_, script, trouble, timeLimit = 60_000) => {
    const error = await failure(() => run(store, { verify: node(script), timeLimit }));
    expect(error.code).toBe("SINK_FAILED");
    expect(error.message).toContain(trouble);
    expect(error.message).toContain("counts as perhaps stored");
    expect(everythingOf(error)).not.toContain(active.slice(0, 12));
  });

  it("tells a command that is missing, and that the key may be stored even so", async () => {
    const error = await failure(() => run(store, { verify: ["no-such-program-anywhere"] }));
    expect(error.message).toContain("--sink-verify: no-such-program-anywhere could not be started");
    expect(error.message).toContain("counts as perhaps stored");
  });

  it("is not asked after a sink that failed", async () => {
    const verify = node("require('fs').writeFileSync(process.env.HERE + '/asked', '')");
    await failure(() => run(node(`${READ_ALL} process.exit(1)`), { verify }));
    expect(names(directory())).toEqual([]);
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process runs; one that has ended and waits to be asked for its status does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
