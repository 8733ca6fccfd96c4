/** Programs of others: they come from npm as they are run, and so does the Node that they need. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a program left behind. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs of one package. */
export interface FromNpm {
  /** Why nothing can be run: npm's registry is out of reach. `undefined` where it can. */
  readonly unreachable: string | undefined;
  /** What `node --version` gave. */
  readonly node: Outcome;
  /** Runs a command line. */
  run(call: string, cwd?: string): Promise<Outcome>;
}

const NODE = "node@22.23.3";
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|E40[37]|E5\d\d)\b/;

// pnpm hands its settings on as npm's, and npm warns of each that it does not know.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_config_|PROXMOX_MCP_|NODE_OPTIONS$)/.test(name),
  ),
);

/**
 * Gets a package of a version, and Node 22. It says on standard error what is not tried where npm's
 * registry cannot be reached.
 */
export async function fromNpm(name: string): Promise<FromNpm> {
  const run = async (call: string, cwd?: string): Promise<Outcome> => {
    const args = ["--yes", "--package", NODE, "--package", name, "--call", call];
    const child = spawn("npx", args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    const status = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
  };
  const node = await run("node --version");
  const isReached = node.status === 0 || !UNREACHABLE.test(node.stderr);
  const unreachable = isReached ? undefined : "no npm registry";
  if (!isReached) {
    process.stderr.write(
      `${name} is not tried, npm's registry cannot be reached:\n${node.stderr}\n`,
    );
  }
  return { unreachable, node, run };
}
