/** A key command that can be made to wait, so that a test can act while a config is being loaded. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KEY } from "../run-server.ts";

export interface GatedKey {
  /** The environment that names the command. */
  readonly env: Readonly<Record<string, string>>;
  /** The next load waits for its key. @returns a function that settles once it does. */
  hold(): () => Promise<void>;
  /** Gives the load that waits its key, and all that follow theirs. */
  release(): Promise<void>;
}

/** Writes the command into a directory. */
export function gatedKey(directory: string): GatedKey {
  const [command, held, started, gate] = ["key.sh", "held", "started", "gate"].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  spawnSync("mkfifo", [started, gate]);
  const wait = `if [ -e "${held}" ]; then rm "${held}"; echo > "${started}"; cat "${gate}" > /dev/null; fi`;
  writeFileSync(command, `#!/bin/sh\n${wait}\necho '${KEY}'\n`, { mode: 0o700 });
  return {
    env: { PROXMOX_MCP_MASTER_KEY_COMMAND: command },
    hold() {
      writeFileSync(held, "");
      return async () => {
        await readFile(started);
      };
    },
    release: () => writeFile(gate, ""),
  };
}
