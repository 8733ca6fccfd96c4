// The server with one part of its way left out, to see what that part costs.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SERVER = fileURLToPath(new URL("../packages/server", import.meta.url));
const PASS_ON = "(_, next) => next()";

/** The modules of a part, by their ends, each with what stands in its place. */
export const PARTS = {
  authentication: {
    "http/authenticate.ts": `export const authenticate = () => (context, next) => {
      context.set("key", "bench");
      return next();
    };`,
  },
  limits: {
    "http/limits.ts": `
      export const limitAddress = () => ${PASS_ON};
      export const limitClient = () => ${PASS_ON};
      export const chargeFailure = () => () => {};`,
  },
  audit: {
    "audit/audit-log.ts": `export const openAuditLog = () => ({
      recorder: { ended() {} },
      follow() {},
      reopen() {},
      stop() {},
    });`,
  },
  metrics: {
    "metrics/prometheus.ts": `export const createMetrics = () => ({
      ended() {},
      answered() {},
      limited() {},
      unauthenticated() {},
      proxmoxCalled() {},
    });`,
  },
};

/** Makes a program. @param part one of PARTS, or "nothing". @returns its path. */
export async function bundleWithout(part, directory) {
  const outfile = join(directory, `without-${part}.cjs`);
  await build({
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    outfile,
    logLevel: "warning",
    absWorkingDir: SERVER,
    entryPoints: ["src/main.ts"],
    plugins: [replacing(PARTS[part] ?? {})],
  });
  return outfile;
}

function replacing(modules) {
  return {
    name: "replacing",
    setup({ onLoad, onEnd }) {
      const left = new Set(Object.keys(modules));
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const name = Object.keys(modules).find((end) =>
          path.replaceAll("\\", "/").endsWith(`/src/${end}`),
        );
        if (name === undefined) return undefined;
        left.delete(name);
        return { contents: modules[name], loader: "ts" };
      });
      onEnd(() => {
        if (left.size > 0) throw new Error(`the server has no ${[...left].join(", ")}`);
      });
    },
  };
}
