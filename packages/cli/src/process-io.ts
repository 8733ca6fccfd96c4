/** The real world: streams, signals, clock and randomness of this process. */
import { randomBytes } from "node:crypto";
import { fstatSync, type Stats, statSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";
import type { StartedDerivation } from "@proxmox-mcp/crypto";
import { STDERR, STDOUT, writeStream } from "@proxmox-mcp/crypto/files";
import { homeDirectory } from "./home.ts";
import type { Io } from "./io.ts";
import { readStandardInput } from "./standard-input.ts";

/** Makes the Io of this process. What costs start-up time is loaded when it is first asked for. */
export function createProcessIo(started?: StartedDerivation): Io {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort());
  }
  return {
    env: process.env,
    home: homeDirectory(),
    stdin: {
      get isTerminal() {
        return isTerminal(0);
      },
      read: () => readStandardInput(controller.signal),
    },
    stdout: output(STDOUT),
    stderr: output(STDERR),
    get signal() {
      return controller.signal;
    },
    now: () => new Date(),
    random: (size) => randomBytes(size),
    debug: () => undefined,
    started,
  };
}

function output(descriptor: typeof STDOUT | typeof STDERR): Io["stdout"] {
  return {
    get isTerminal() {
      return isTerminal(descriptor);
    },
    write: (text) => writeStream(descriptor, text),
  };
}

// Loading node:tty costs as much as parsing a config, and most streams are files, pipes and /dev/null.
function isTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isCharacterDevice() && !isNull(stat) && isatty(descriptor);
  } catch {
    return false;
  }
}

function isNull({ rdev }: Stats): boolean {
  return statSync(devNull, { throwIfNoEntry: false })?.rdev === rdev;
}
