// The simulated cluster as a program, so that its work is not measured as the server's.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SIMULATOR = fileURLToPath(
  new URL("../packages/server/src/simulator/simulator.ts", import.meta.url),
);

/** Makes the program. */
export async function bundleSimulator(outfile) {
  await build({
    bundle: true,
    format: "cjs",
    platform: "node",
    outfile,
    logLevel: "warning",
    stdin: {
      resolveDir: fileURLToPath(new URL("../packages/server", import.meta.url)),
      contents: `
        import { startSimulator } from ${JSON.stringify(SIMULATOR)};
        startSimulator({ guests: Number(process.argv[2]), requestsPerConnection: 100 }).then((simulator) => {
          const { host, port, fingerprint, user, tokenName, tokenValue } = simulator;
          process.stdout.write(JSON.stringify({ host, port, fingerprint, user, tokenName, tokenValue }) + "\\n");
        });`,
    },
  });
}

/**
 * Runs the program while `work` does its own.
 *
 * @param work gets `place(sections, name)`, which writes a config for the cluster and returns its path.
 */
export async function withCluster({ directory, script, guests }, work) {
  const cluster = spawn(process.execPath, [script, String(guests)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(cluster.stdout, "data");
    const { host, port, fingerprint, user, tokenName, tokenValue } = JSON.parse(line);
    const place = (sections, name = "server.json") => {
      const path = join(directory, name);
      const text = JSON.stringify({
        proxmox: { host, port, fingerprint },
        auth: { user, token_name: tokenName, token_value: tokenValue },
        ...sections,
      });
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    return await work({ place });
  } finally {
    cluster.kill("SIGKILL");
  }
}
