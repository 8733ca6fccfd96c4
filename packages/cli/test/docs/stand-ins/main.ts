/**
 * The one program behind all stand-ins: it is whatever it was started as. They read what we ship, run the
 * real server and the real scripts, and keep what they are given below the directory of the session.
 */
import { basename } from "node:path";
import { docker } from "./docker.ts";
import { kubectl } from "./kubectl.ts";
import { gh, vault } from "./stores.ts";
import { journalctl, systemctl, systemdSysusers, systemdTmpfiles } from "./systemctl.ts";

const ACTS: Readonly<Record<string, (argv: readonly string[]) => number | Promise<number>>> = {
  docker,
  gh,
  kubectl,
  systemctl,
  journalctl,
  "systemd-sysusers": systemdSysusers,
  "systemd-tmpfiles": systemdTmpfiles,
  vault,
  // There is no such user here.
  chown: () => 0,
};

const [, program = "", ...argv] = process.argv;
try {
  process.exitCode = await (ACTS[basename(program)] ?? (() => 127))(argv);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
