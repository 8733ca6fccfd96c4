import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { KeyCommandOptions } from "../../src/files/index.ts";
import { readKeyText } from "../../src/files/key-source.ts";
import { failure, useDirectory } from "./harness.ts";

const directory = useDirectory();
const KEY = `${"EXAMPLE_KEY_".repeat(3)}EXAMPLE=`;
const FROM = "PROXMOX_MCP_MASTER_KEY_COMMAND";

/** Runs a script of Node as the key command. */
function command(script: string, options: KeyCommandOptions = {}, ...args: string[]) {
  const argv = [process.execPath, "-e", script, ...args];
  return readKeyText({ kind: "command", argv, from: FROM }, options);
}

describe("readKeyText", () => {
  it("gives the text of a variable", async () => {
    const source = {
      kind: "variable",
      name: "KEY",
      text: `${KEY}\n`,
      from: "--key-env KEY",
    } as const;
    expect(await readKeyText(source)).toEqual({ text: `${KEY}\n`, warnings: [] });
  });

  it("refuses a variable that is set to nothing", async () => {
    const source = { kind: "variable", name: "KEY", text: " ", from: "--key-env KEY" } as const;
    const error = await failure(() => readKeyText(source));
    expect(error).toMatchObject({
      code: "KEY_EMPTY",
      message: "--key-env KEY holds no key: it is empty",
    });
  });

  it("reads a file, with its warnings", async () => {
    const path = join(directory(), "key");
    writeFileSync(path, KEY);
    chmodSync(path, 0o644);
    const { text, warnings } = await readKeyText({
      kind: "file",
      path,
      from: `--key-file ${path}`,
    });
    expect(text).toBe(KEY);
    expect(warnings).toHaveLength(process.platform === "win32" ? 0 : 1);
  });

  it("gives what a command prints", async () => {
    expect(await command(`process.stdout.write(${JSON.stringify(`${KEY}\nold\n`)})`)).toEqual({
      text: `${KEY}\nold\n`,
      warnings: [],
    });
  });

  it("starts it without a shell and with nothing to read", async () => {
    const script =
      "process.stdin.on('data', () => {}).on('end', () => console.log(process.argv[1]))";
    expect((await command(script, {}, "$(id) ; *")).text).toBe("$(id) ; *\n");
  });

  it("hands it the environment less every master key", async () => {
    const env = {
      ...process.env,
      PROXMOX_MCP_MASTER_KEY: KEY,
      PROXMOX_MCP_MASTER_KEY_STAGING: KEY,
      VAULT_ADDR: "https://vault.example",
    };
    const { text } = await command("console.log(JSON.stringify(process.env))", { env });
    expect(JSON.parse(text)).toMatchObject({ VAULT_ADDR: "https://vault.example" });
    expect(text).not.toContain("MASTER_KEY");
    expect(text).not.toContain(KEY);
  });

  const print = `console.log("${KEY}"); console.error("${KEY}");`;
  it.each([
    ["that fails", `${print} process.exitCode = 3`, "ended with status 3"],
    [
      "that prints too much",
      "process.stdout.write('A'.repeat(100_000))",
      "printed more than 65536 bytes",
    ],
  ])("tells a command %s, and repeats nothing of what it printed", async (_, script, words) => {
    const error = await failure(() => command(script));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: `${FROM}: the command ${process.execPath} ${words}`,
    });
    expect(error.hint).toContain("run it by hand");
    expect(JSON.stringify(error) + error.stack).not.toContain(KEY);
  });

  it.skipIf(process.platform === "win32")("tells a command that is killed", async () => {
    const error = await failure(() => command("process.kill(process.pid, 'SIGKILL')"));
    expect(error.message).toContain("died of SIGKILL");
  });

  it("refuses a command that prints nothing", async () => {
    const error = await failure(() => command(""));
    expect(error).toMatchObject({
      code: "KEY_EMPTY",
      message: `${FROM} holds no key: it is empty`,
    });
  });

  it("gives up a command that hangs", async () => {
    const hang = "setInterval(() => {}, 1000)";
    const error = await failure(() => command(hang, { timeLimit: 300 }));
    expect(error).toMatchObject({
      code: "KEY_UNREADABLE",
      message: `${FROM}: the command ${process.execPath} did not end within 0.3 s`,
    });
  });

  it("ends a command at a signal", async () => {
    const signal = AbortSignal.abort();
    const error = await failure(() => command("setInterval(() => {}, 1000)", { signal }));
    expect(error).toMatchObject({
      code: "INTERRUPTED",
      message: "interrupted; nothing was changed",
    });
  });

  it.runIf(process.platform === "linux")("asks the keyring for the account named", async () => {
    // Neither with the package nor without it does a keyring answer here.
    const nowhere = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere/bus" };
    const source = { kind: "keyring", account: "work", from: "--keyring=work" } as const;
    const env = { ...process.env, ...nowhere };
    const error = await failure(() => readKeyText(source, { env }));
    expect(error.code).toBe("KEY_UNREADABLE");
    expect(error.message).toMatch(/^the keyring entry work: (there is no D-Bus|the package)/);
    expect(error.hint).toMatch(/PROXMOX_MCP_MASTER_KEY_FILE|npm install/);
  });

  it.each(["no-such-command-anywhere", "/etc/passwd/command"])(
    "tells that %s cannot start",
    async (name) => {
      const error = await failure(() => readKeyText({ kind: "command", argv: [name], from: FROM }));
      expect(error).toMatchObject({
        code: "KEY_UNREADABLE",
        message: `${FROM}: the command ${name} could not be started`,
      });
    },
  );
});
