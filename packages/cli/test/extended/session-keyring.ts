/** A GNOME Keyring on a D-Bus of its own: no desktop, nobody's keyring, and nothing that could ask. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { cleanEnvironment } from "../cli.ts";
import { findProgram } from "../programs.ts";

const PROGRAMS = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon", "secret-tool"];

/** The programs that this needs and that are not there. */
export const missing: readonly string[] =
  process.platform === "linux"
    ? PROGRAMS.filter((name) => findProgram(name) === undefined)
    : ["Linux"];

// It starts no service by itself: neither another keyring nor a window that asks for a password.
const CONFIG = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A session, and its keyring. */
export interface Session {
  /** What a process of the session has beside its usual environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts the keyring, unlocked. */
  startKeyring(): Promise<void>;
  /** Ends it, as a logout does. */
  stopKeyring(): Promise<void>;
  lock(): void;
  /** From now on the keyring answers nothing, until it goes on. */
  pause(): void;
  goOn(): void;
  /** Runs a program of the session, with something on its standard input, to its end. */
  run(program: string, argv: readonly string[], input?: string): string;
}

/** Starts a session whose keyring lives in a home. Everything goes when the test has finished. */
export async function startSession(home: string): Promise<Session> {
  // A path of a socket must be short.
  const runtime = realpathSync(mkdtempSync(join(tmpdir(), "k-")));
  mkdirSync(join(home, ".cache"), { recursive: true });
  writeFileSync(join(runtime, "bus.conf"), CONFIG);
  const base = { ...cleanEnvironment(home), XDG_RUNTIME_DIR: runtime };
  const arguments_ = [
    `--config-file=${join(runtime, "bus.conf")}`,
    "--nofork",
    "--print-address=1",
  ];
  const bus = spawn("dbus-daemon", arguments_, { env: base, stdio: ["ignore", "pipe", "ignore"] });
  let keyring: ChildProcess | undefined;
  onTestFinished(async () => {
    await ended(keyring);
    await ended(bus);
    rmSync(runtime, { recursive: true, force: true });
  });
  const [address] = await once(createInterface({ input: bus.stdout }), "line");
  const env = { XDG_RUNTIME_DIR: runtime, DBUS_SESSION_BUS_ADDRESS: String(address) };
  const run = (program: string, argv: readonly string[], input = "") =>
    execFileSync(program, argv, {
      env: { ...base, ...env },
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
    });
  return {
    env,
    async startKeyring() {
      const argv = ["--foreground", "--unlock", "--components=secrets"];
      keyring = spawn("gnome-keyring-daemon", argv, {
        env: { ...base, ...env },
        stdio: ["pipe", "ignore", "ignore"],
      });
      keyring.stdin?.end("example password");
      while (!isThere(run)) await setTimeout(20);
    },
    async stopKeyring() {
      await ended(keyring);
      keyring = undefined;
    },
    lock: () => {
      const login = "array:objpath:/org/freedesktop/secrets/collection/login";
      run("dbus-send", [...CALL, "org.freedesktop.Secret.Service.Lock", login]);
    },
    pause: () => keyring?.kill("SIGSTOP"),
    goOn: () => keyring?.kill("SIGCONT"),
    run,
  };
}

const CALL = [
  "--session",
  "--print-reply",
  "--dest=org.freedesktop.secrets",
  "/org/freedesktop/secrets",
];

/** Whether the keyring is reached, and its password was taken. */
function isThere(run: Session["run"]): boolean {
  try {
    const property = "string:org.freedesktop.Secret.Collection";
    const [session = "", reply = "", destination = ""] = CALL;
    const collection = "/org/freedesktop/secrets/collection/login";
    const get = "org.freedesktop.DBus.Properties.Get";
    const argv = [session, reply, destination, collection, get, property, "string:Locked"];
    return run("dbus-send", argv).includes("boolean false");
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
