/** What runs inside the simulated VMs: a few commands, the same at every run. */
import { failed } from "./refusal.ts";
import type { Guest, GuestCommand, State } from "./state.ts";

/** What the agent keeps of an output, in characters: a sixteenth of what a real one keeps. */
const OUTPUT_LIMIT = 1024 ** 2;

interface Outcome {
  readonly exitcode?: number;
  readonly output?: string;
  readonly errors?: string;
  /** How long it takes, in seconds. */
  readonly takes?: number;
}

type Program = (guest: Guest, args: readonly string[], input: string) => Outcome;

const PROGRAMS: Readonly<Record<string, Program>> = {
  true: () => ({}),
  false: () => ({ exitcode: 1 }),
  echo: (_, args) => ({ output: `${args.join(" ")}\n` }),
  hostname: ({ name, vmid }) => ({ output: `${name ?? `vm-${vmid}`}\n` }),
  uname: () => ({ output: "Linux\n" }),
  whoami: () => ({ output: "root\n" }),
  cat: (_, args, input) => {
    const [file] = args;
    if (file === undefined) return { output: input };
    if (file === "/etc/hostname") return { output: "example\n" };
    return { exitcode: 1, errors: `cat: ${file}: No such file or directory\n` };
  },
  ls: () => ({ output: "bin\netc\nhome\nvar\n" }),
  uptime: () => ({ output: " 12:00:00 up 10 days,  0 users,  load average: 0.10, 0.10, 0.10\n" }),
  df: () => ({
    output:
      "Filesystem 1K-blocks    Used Available Use% Mounted on\n/dev/sda1   20511312 6153393  13293023  32% /\n",
  }),
  systemctl: (_, args) =>
    args[0] === "is-active" && args[1] === "nginx"
      ? { output: "active\n" }
      : { exitcode: 3, output: "inactive\n", errors: "Unit could not be found.\n" },
  sleep: (_, [time]) => ({ takes: Number(time) || 0 }),
  /** Prints more than the agent keeps. */
  yes: (_, [word = "y"]) => ({ output: `${word}\n`.repeat(OUTPUT_LIMIT / 2 + 1) }),
};

/**
 * Runs a command.
 *
 * @throws Refusal where there is no such program: the agent cannot start it.
 */
export function runInGuest(
  state: State,
  guest: Guest,
  [path = "", ...args]: readonly string[],
  input: string,
): GuestCommand {
  const name = path.replace(/^\/(?:usr\/)?s?bin\//, "");
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (program === undefined) {
    throw failed(
      `Agent error: Guest agent command failed, error was 'Failed to execute child process "${path}" (No such file or directory)'`,
    );
  }
  const { exitcode = 0, output = "", errors = "", takes = 0 } = program(guest, args, input);
  return {
    exitcode,
    output: output.slice(0, OUTPUT_LIMIT),
    errors,
    truncated: output.length > OUTPUT_LIMIT,
    endsAt: state.now().getTime() + takes * 1000,
  };
}
