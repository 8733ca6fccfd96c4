/**
 * The Compose and Swarm files, as docker-compose 1.29 of Debian reads them, and the context that a build gets.
 * Docker's own command line is asked as well where there is one.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { contextOf, PYTHON } from "./context.ts";

const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));
const DIRECTORY = `${CHECKOUT}deploy/docker`;

const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  PROXMOX_MCP_IMAGE: "registry.example/proxmox-mcp-server:1",
  PROXMOX_MCP_STACK_SECRET: "proxmox-mcp-master-key-1",
  PROXMOX_MCP_STACK_CONFIG: "proxmox-mcp-config-1",
};

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], variables: object = env): Outcome {
  const outcome = spawnSync(command, [...args], {
    cwd: DIRECTORY,
    env: { ...variables },
    encoding: "utf8",
  });
  return { status: outcome.status, stdout: outcome.stdout ?? "", stderr: outcome.stderr ?? "" };
}

/** Whether a command can be run; says on standard error what is not tried without it. */
function isThere(command: string, ...args: readonly string[]): boolean {
  if (run(command, args).status === 0) return true;
  process.stderr.write(`${command} ${args.join(" ")} is not there: nothing is checked with it\n`);
  return false;
}

const hasCompose = isThere("docker-compose", "--version");
const hasCompose2 = isThere("docker", "compose", "version");
const hasStack = isThere("docker", "stack", "config", "--help");
const skipped = (is: boolean) => (is ? "" : " (skipped: it is not there)");

const AS_JSON = "import json,sys,yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";

const read = new Map<string, Service>();

/** What Compose makes of a file. */
function effective(file: string): Service {
  const known = read.get(file);
  if (known !== undefined) return known;
  const { status, stdout, stderr } = run("docker-compose", ["-f", file, "config"]);
  expect(status, stderr).toBe(0);
  const { stdout: json } = spawnSync(PYTHON, ["-c", AS_JSON], {
    input: stdout,
    encoding: "utf8",
  });
  const service: Service = JSON.parse(json).services["proxmox-mcp"];
  read.set(file, service);
  return service;
}

interface Service {
  readonly [key: string]: unknown;
  readonly cap_drop: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[]; readonly timeout: string };
  readonly ports?: readonly string[];
  readonly secrets: readonly { readonly source: string; readonly mode?: number }[];
  readonly volumes?: readonly string[];
}

const FILES = ["compose.yaml", "stack.yaml"];

describe.skipIf(!hasCompose)(`docker-compose 1.29${skipped(hasCompose)}`, () => {
  test("refuses the stack while its image, secret and config are not named", () => {
    const { PATH, HOME } = env;
    const args = ["-f", "stack.yaml", "config", "-q"];
    const { status, stderr } = run("docker-compose", args, { PATH, HOME });
    expect(status).toBe(1);
    expect(stderr).toMatch(/PROXMOX_MCP_(IMAGE|STACK_SECRET|STACK_CONFIG)/);
  });

  test.each(FILES)("takes %s: the server can do nothing that it need not", (file) => {
    const service = effective(file);
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], init: true });
    // Longer than the server takes to end, and a signal that Docker's own process passes on.
    expect(service["stop_grace_period"]).toBe("15s");
    expect(service.environment).toEqual({
      PROXMOX_MCP_MASTER_KEY_FILE: `/run/secrets/${service.secrets[0]?.source}`,
    });
    expect(service.healthcheck.test.slice(0, 3)).toEqual(["CMD", "node", "/app/probe.cjs"]);
    expect(service.healthcheck.timeout).toBe("10s");
  });

  test("compose.yaml publishes on loopback alone, and mounts the config read-only", () => {
    const { ports = [], volumes = [], security_opt } = effective("compose.yaml");
    expect(ports).toEqual(["127.0.0.1:8080:8080/tcp"]);
    expect(security_opt).toEqual(["no-new-privileges:true"]);
    expect(volumes).toContain(`${DIRECTORY}/config:/app/config:ro`);
  });

  test("stack.yaml publishes nothing, and gives the key to the server's user alone", () => {
    const { ports, secrets } = effective("stack.yaml");
    expect(ports).toBeUndefined();
    expect(secrets).toMatchObject([{ uid: "1000", gid: "1000", mode: 0o400 }]);
  });
});

test.skipIf(!hasCompose2)(`docker compose takes compose.yaml${skipped(hasCompose2)}`, () => {
  const { status, stderr } = run("docker", ["compose", "-f", "compose.yaml", "config", "-q"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.skipIf(!hasStack)(`docker stack takes stack.yaml${skipped(hasStack)}`, () => {
  const { status, stderr } = run("docker", ["stack", "config", "-c", "stack.yaml"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

const hasDockerPy = isThere(PYTHON, "-c", "import docker.utils.build");

test.skipIf(!hasDockerPy)(`a build gets no secret that lies about${skipped(hasDockerPy)}`, () => {
  const WANTED = ["package.json", "packages/cli/src/bin.ts", "packages/server/bin/x.cjs"];
  const SECRETS = [
    ".env",
    ".git/config",
    ".proxmox_mcp_key",
    "config.json",
    "deploy/docker/config/config.encrypted.json",
    "deploy/docker/master.key",
    "node_modules/x/index.js",
    "packages/cli/.env",
    "packages/cli/node_modules/x/index.js",
    "packages/cli/src/.env.local",
    "packages/cli/src/key.pem",
    "packages/cli/sinks/.proxmox_mcp_key",
    "packages/server/config.json",
    "packages/server/dist/main.cjs",
    "packages/server/src/master.key",
    "packages/server/test/x.ts",
    "scripts/.env",
  ];
  const root = scratch();
  for (const path of [...WANTED, ...SECRETS]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
  const sent = contextOf(root, `${CHECKOUT}.dockerignore`);
  expect(sent).toEqual(expect.arrayContaining(WANTED));
  expect(SECRETS.filter((path) => sent.includes(path))).toEqual([]);
});
