import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { formatError } from "../../src/errors.ts";
import { createKeyringEntry, readKeyring, replaceInKeyring } from "../../src/files/keyring.ts";
import type { KeyringSurroundings } from "../../src/files/keyring-program.ts";
import { formatKeyText, type KeyText } from "../../src/key/key-text.ts";
import { switchedTo, withSuccessor } from "../../src/key/succession.ts";
import { exampleKey } from "../material.ts";
import { failure, useDirectory } from "./harness.ts";
import { type KeyringStub, keyringStub } from "./keyring-stub.ts";

const directory = useDirectory();

const OLD = exampleKey("old");
const NEW = exampleKey("new");
const ALONE: KeyText = { active: OLD, successor: undefined, retired: [] };
const PREPARED = withSuccessor(ALONE, NEW);
const SWITCHED = switchedTo(ALONE, NEW);

/** How a key text stands in an entry. */
function line(keys: KeyText): string {
  return formatKeyText(keys).trim().replaceAll("\n", " ");
}

function surroundings(stub: KeyringStub, more: Partial<KeyringSurroundings> = {}) {
  return { env: process.env, packageDirectory: stub.packageDirectory, ...more };
}

describe("reading an entry", () => {
  it("gives its text, of the account that is named", async () => {
    const stub = keyringStub(directory());
    stub.put("work", `${line(PREPARED)}\n`);
    expect(await readKeyring("work", surroundings(stub))).toBe(`${line(PREPARED)}\n`);
  });

  it("says that there is none", async () => {
    const error = await failure(() => readKeyring("work", surroundings(keyringStub(directory()))));
    expect(formatError(error)).toBe(
      "error[KEY_UNREADABLE]: the keyring entry work is not there. Way out: check the account; a first key is made by: proxmox-mcp-encrypt generate-key --keyring=work.",
    );
  });

  it("says that the keyring is locked", async () => {
    const stub = keyringStub(directory());
    stub.fail("locked");
    const error = await failure(() => readKeyring("master-key", surroundings(stub)));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: "the keyring entry master-key: the keyring is locked",
    });
  });

  it("says how to install the package where it is not", async () => {
    const stub = keyringStub(directory());
    // Not even one that stands further up may be found.
    const half = JSON.stringify({ name: "@napi-rs/keyring", exports: {} });
    writeFileSync(join(directory(), "node_modules/@napi-rs/keyring/package.json"), half);
    const error = await failure(() => readKeyring("work", surroundings(stub)));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message:
        "the keyring entry work: the package @napi-rs/keyring, which --keyring needs, is not installed",
    });
    expect(error.hint).toContain("npm install --global @napi-rs/keyring@2");
  });

  it.each([
    ["nothing", "", "the keyring failed: it gave no answer"],
    ["no JSON", OLD.reveal(), "the keyring failed: it gave no answer"],
    [
      "an answer to another question",
      '{"stored":true}',
      "the keyring gave the answer to another question",
    ],
  ])("repeats nothing of an answer that is none: %s", async (_, output, trouble) => {
    const stub = keyringStub(directory());
    const main = join(directory(), "node_modules/@napi-rs/keyring/index.js");
    const print = `require("node:fs").writeSync(1, ${JSON.stringify(output)});`;
    writeFileSync(main, `${print}\nprocess.exit(0);\n`);
    const error = await failure(() => readKeyring("work", surroundings(stub)));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: `the keyring entry work: ${trouble}`,
    });
    expect(error.hint).toContain("run the command again");
    expect(JSON.stringify(error) + error.stack).not.toContain(OLD.reveal().slice(0, 8));
  });

  it("does not wait for ever", async () => {
    const stub = keyringStub(directory());
    stub.fail("hang");
    const error = await failure(() => readKeyring("k", surroundings(stub, { timeLimit: 1000 })));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: "the keyring entry k: the program that asks the keyring did not end within 1 s",
    });
  });

  it("ends at a signal", async () => {
    const stub = keyringStub(directory());
    stub.fail("hang");
    const signal = AbortSignal.abort();
    const error = await failure(() => readKeyring("k", surroundings(stub, { signal })));
    expect(error.code).toBe("INTERRUPTED");
  });
});

describe("making an entry", () => {
  it("stores one line, which no process has in its arguments or its environment", async () => {
    const stub = keyringStub(directory());
    const env = { ...process.env, PROXMOX_MCP_MASTER_KEY: OLD.reveal() };
    await createKeyringEntry("k", PREPARED, surroundings(stub, { env }));
    expect(stub.get("k")).toBe(`${OLD.reveal()} next:${NEW.reveal()}`);
    expect(stub.pids()).toHaveLength(3);
    for (const key of [OLD, NEW]) expect(stub.seen()).not.toContain(key.reveal().slice(0, 8));
  });

  it("leaves one that is there as it is", async () => {
    const stub = keyringStub(directory());
    stub.put("k", "something that is no key");
    const error = await failure(() => createKeyringEntry("k", ALONE, surroundings(stub)));
    expect(error.code).toBe("KEYRING_ENTRY_EXISTS");
    expect(stub.get("k")).toBe("something that is no key");
  });

  it.each([
    ["lose", "the keyring entry k was written, and does not hold what was written"],
    ["unsure", "the keyring entry k: the keyring failed: connection reset"],
    ["refuse", "the keyring entry k: the keyring failed: cannot store [key-shaped text]"],
  ] as const)("finds out that the keyring fails: %s", async (fault, message) => {
    const stub = keyringStub(directory());
    stub.fail(fault);
    const error = await failure(() => createKeyringEntry("k", ALONE, surroundings(stub)));
    expect(error).toMatchObject({
      code: "KEYRING_FAILED",
      message: `${message}; whether a new key was stored is unknown, and nothing uses it`,
    });
    expect(formatError(error)).not.toContain(OLD.reveal().slice(0, 8));
  });
});

describe("replacing an entry", () => {
  const change = { from: [ALONE], to: PREPARED, phase: "prepare" } as const;

  it("stores the new text, and can be repeated", async () => {
    const stub = keyringStub(directory());
    stub.put("k", line(ALONE));
    await replaceInKeyring("k", change, surroundings(stub));
    await replaceInKeyring("k", change, surroundings(stub));
    expect(stub.get("k")).toBe(line(PREPARED));
    expect(stub.pids()).toHaveLength(4);
  });

  it("makes one that was deleted meanwhile", async () => {
    const stub = keyringStub(directory());
    await replaceInKeyring("k", change, surroundings(stub));
    expect(stub.get("k")).toBe(line(PREPARED));
  });

  it.each([
    ["another key", line(SWITCHED)],
    ["no key", "a note of somebody"],
  ])("never overwrites what it does not know: %s", async (_, text) => {
    const stub = keyringStub(directory());
    stub.put("k", text);
    const error = await failure(() => replaceInKeyring("k", change, surroundings(stub)));
    expect(error).toMatchObject({
      code: "FILE_CHANGED",
      message:
        "the keyring entry k holds other keys by now; nothing was written there: the pending key is kept and will be used again",
    });
    expect(stub.get("k")).toBe(text);
  });

  it("says what is in doubt where it is interrupted", async () => {
    const stub = keyringStub(directory());
    stub.put("k", line(ALONE));
    stub.fail("hang on store");
    const controller = new AbortController();
    const interrupted = surroundings(stub, { signal: controller.signal });
    const ended = failure(() => replaceInKeyring("k", { ...change, phase: "retire" }, interrupted));
    await processes(stub, 2);
    controller.abort();
    expect(await ended).toMatchObject({
      code: "INTERRUPTED",
      message:
        "the keyring entry k: asking the keyring was interrupted; the old keys count as perhaps removed there",
    });
  });
});

describe.skipIf(process.platform === "win32")("a run that is killed", () => {
  it("leaves nobody behind who could still store something", async () => {
    const stub = keyringStub(directory());
    stub.fail("hang on store");
    const module = new URL("../../dist/files/index.js", import.meta.url).href;
    const script = `
      const { createKeyringEntry } = await import(${JSON.stringify(module)});
      const { parseKeyText } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
      const surroundings = { env: process.env, packageDirectory: ${JSON.stringify(stub.packageDirectory)} };
      await createKeyringEntry("k", parseKeyText(${JSON.stringify(line(ALONE))}), surroundings);
    `;
    const run = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
    await processes(stub, 2);
    run.kill("SIGKILL");
    await once(run, "exit");
    const [, storing = 0] = stub.pids();
    while (isAlive(storing)) await setTimeout(20);
    expect(() => stub.get("k")).toThrow("ENOENT");
  });
});

/** Waits until so many processes have loaded the package: the first reads, the second stores. */
async function processes(stub: KeyringStub, count: number): Promise<void> {
  while (stub.pids().length < count) await setTimeout(20);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
