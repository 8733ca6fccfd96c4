/** The real git, whose remote is a bare repository here that wants to see credentials. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type Outside, Refusal, type Reply } from "./call.ts";
import { realProgram } from "./real.ts";
import { type Access, mustAllow } from "./tokens.ts";

/** Where the scripts believe the repository to be. */
export const ADDRESSES = {
  github: "https://github.com/example/configs",
  gitlab: "https://gitlab.example.com/example/configs",
} as const;

const REMOTE: Readonly<Record<string, Access>> = {
  push: "write",
  fetch: "read",
  pull: "read",
  clone: "read",
  "ls-remote": "read",
};
const WITH_VALUE = ["-C", "-c", "--git-dir", "--work-tree", "--config-env"];

export async function git(outside: Outside): Promise<Reply> {
  const { world, argv } = outside;
  const at = commandAt(argv);
  const access = REMOTE[argv[at] ?? ""];
  if (access !== undefined) {
    try {
      mustAllow(
        world,
        await credentials(outside, argv.slice(0, at), argv.slice(at)),
        "contents",
        access,
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(`fatal: Authentication failed: ${error.message}`, 128);
    }
  }
  const first = Number(outside.env["GIT_CONFIG_COUNT"] ?? 0);
  return { run: realProgram("git", outside.env), env: insteadOf(world, first) };
}

function commandAt(argv: readonly string[]): number {
  let at = 0;
  while (argv[at]?.startsWith("-")) at += WITH_VALUE.includes(argv[at] ?? "") ? 2 : 1;
  return at;
}

/** The token that git would send: that of the address, of a header in the configuration, or of a helper. */
async function credentials(
  { env, directory }: Outside,
  options: readonly string[],
  [, ...words]: readonly string[],
): Promise<string | undefined> {
  const ask = async (argv: readonly string[], input = ""): Promise<string> => {
    const asked = spawn(realProgram("git", env), [...options, ...argv], {
      cwd: directory,
      env: { ...env, GIT_TERMINAL_PROMPT: "0" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    // Most questions need no answer, and are over by then.
    asked.stdin.on("error", () => undefined).end(input);
    return (await text(asked.stdout)).trim();
  };
  const remote = words.find((word) => !word.startsWith("-")) ?? "origin";
  const address = remote.includes("://") ? remote : await ask(["config", `remote.${remote}.url`]);
  const { protocol, host, pathname, password: inAddress } = new URL(address);
  if (inAddress !== "") return inAddress;
  const header = await ask(["config", "--get-urlmatch", "http.extraheader", address]);
  const [, encoded] = /basic (\S+)/i.exec(header) ?? [];
  if (encoded !== undefined) return Buffer.from(encoded, "base64").toString("utf8").split(":")[1];
  const wanted = `protocol=${protocol.slice(0, -1)}\nhost=${host}\npath=${pathname.slice(1)}\n\n`;
  return /^password=(.*)$/m.exec(await ask(["credential", "fill"], wanted))?.[1];
}

/** Variables that lead git from the address of the platform to the repository here. */
export function insteadOf(world: string, first = 0): Record<string, string> {
  const here = join(world, "remote.git");
  const names = Object.values(ADDRESSES).flatMap((address) =>
    ["https://", "https://gitlab-ci-token:glcbt-exampleJobToken@"].flatMap((start) => {
      const whole = address.replace("https://", start);
      return [whole, `${whole}.git`];
    }),
  );
  return Object.fromEntries([
    ...names.flatMap((name, index) => [
      [`GIT_CONFIG_KEY_${first + index}`, `url.file://${here}.insteadOf`],
      [`GIT_CONFIG_VALUE_${first + index}`, name],
    ]),
    ["GIT_CONFIG_COUNT", String(first + names.length)],
  ]);
}
