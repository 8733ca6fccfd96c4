// The programs as their users start them: each a process of its own, with no settings of this machine.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ENCRYPT = pathOf("../packages/cli/bin/proxmox-mcp-encrypt.cjs");
const SERVER = pathOf("../packages/server/bin/proxmox-mcp-server.cjs");
const PEAK_MEMORY = pathOf("peak-memory.cjs");

// NODE_EXTRA_CA_CERTS and NODE_OPTIONS slow Node down; the rest would lead to another key.
const NOT_PASSED_ON = /^(NODE_.*|UV_THREADPOOL_SIZE|PROXMOX_MCP_.*|CREDENTIALS_DIRECTORY)$/i;

/** What nothing of ours can be faster than. */
export const NODE = { args: ["-e", "0"] };

/** `proxmox-mcp-encrypt ...`; `detail` may have `withoutKey`, and `input` for standard input. */
export function encryptTool(args, detail) {
  return { args: [ENCRYPT, ...args], ...detail };
}

/** `proxmox-mcp-server ...` */
export function serverTool(args) {
  return { args: [SERVER, ...args] };
}

/** Starts commands in a directory that is their home as well, and that gets a master key. */
export class Programs {
  #directory;
  #env;
  #key;

  constructor(directory) {
    this.#directory = directory;
    this.#key = join(directory, "master-key");
    writeFileSync(this.#key, `${randomBytes(32).toString("base64url")}=\n`, { mode: 0o600 });
    const inherited = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
    this.#env = { ...Object.fromEntries(inherited), HOME: directory, USERPROFILE: directory };
  }

  /** Runs a command that must succeed. @returns the milliseconds that it took. */
  time(command) {
    const start = performance.now();
    const { status, stderr, error } = this.#start(command);
    const milliseconds = performance.now() - start;
    if (error) throw error;
    if (status !== 0) throw new Error(`${command.args.join(" ")}: exit ${status}: ${stderr}`);
    return milliseconds;
  }

  /** Runs a command once more, watched. @returns its peak memory in MiB. */
  peak({ args, ...command }) {
    const { output, error } = this.#start({ ...command, args: ["-r", PEAK_MEMORY, ...args] });
    if (error) throw error;
    return Number(output[3]) / 1024;
  }

  /** Whether a command succeeds. */
  succeeds(command) {
    return this.#start(command).status === 0;
  }

  #start({ args, withoutKey = false, input = "" }) {
    return spawnSync(process.execPath, args, {
      cwd: this.#directory,
      env: withoutKey ? this.#env : { ...this.#env, PROXMOX_MCP_MASTER_KEY_FILE: this.#key },
      encoding: "utf8",
      input,
      maxBuffer: 2 ** 28,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
  }
}

function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
