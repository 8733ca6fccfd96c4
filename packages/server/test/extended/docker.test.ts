/**
 * The server's image, played from its Dockerfile: the same files at the same paths, the same user, read-only,
 * without capabilities. There is no engine here, so what the engine itself does is not tried.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { expectNothingLeaks, KEY, OTHER_KEY, SECRET, sealer } from "../run-server.ts";
import { CHECKOUT, type Image, makeImage, removeImage } from "./image.ts";
import { noOwnRoot, type Outcome, runInRoot, type Started, startInRoot } from "./own-root.ts";

const unable = noOwnRoot("the Docker image");
const SECRET_FILE = "/run/secrets/proxmox-mcp-master-key";
const STATE = "/var/lib/proxmox-mcp";

let image: Image;

/** The example config, encrypted, on a free port. */
async function writeConfig(): Promise<void> {
  const text = readFileSync(`${CHECKOUT}deploy/docker/config.example.json`, "utf8");
  const config = JSON.parse(text);
  config.auth.token_value = await sealer.seal(SECRET, "/auth/token_value");
  config.http.api_keys = {
    example: await sealer.seal("example-api-key-0000", "/http/api_keys/example"),
  };
  config.http.port = 0;
  mkdirSync(join(image.root, "app/config"), { recursive: true });
  writeFileSync(join(image.root, "app/config/config.encrypted.json"), JSON.stringify(config));
}

/** The key as Compose mounts it: a file of the container's user, which nobody else may read. */
function writeKey(key: string): void {
  const path = join(image.root, SECRET_FILE);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${key}\n`);
  chmodSync(path, 0o400);
  chownSync(path, image.user, image.user);
}

function running(): Parameters<typeof runInRoot>[1] {
  const env = { ...image.env, PROXMOX_MCP_MASTER_KEY_FILE: SECRET_FILE };
  return { root: image.root, user: image.user, env, writable: [STATE] };
}

/** Runs a command in the container, as `docker exec` and a health check do. */
function exec(...argv: readonly string[]): Outcome {
  const outcome = runInRoot(argv, running());
  expectNothingLeaks(outcome.stdout + outcome.stderr);
  return outcome;
}

async function start(): Promise<{ server: Started; origin: string }> {
  const argv = [...image.entrypoint, ...image.command, "--test-mode"];
  const server = startInRoot(argv, running());
  const { url } = await server.logged("serving over http");
  // It listens on all addresses of the container, and there the test is, too.
  const { port } = new URL(String(url));
  return { server, origin: `http://127.0.0.1:${port}` };
}

describe.skipIf(unable !== undefined)(
  `the server's image${unable === undefined ? "" : ` (skipped: ${unable})`}`,
  () => {
    beforeAll(async () => {
      image = makeImage("server");
      writeKey(KEY);
      await writeConfig();
    });
    afterAll(() => image && removeImage(image));

    test("is healthy with the right key, and not with a wrong one, an unreadable one or none", () => {
      const check = () => exec(...image.healthcheck);
      expect(check()).toMatchObject({ status: 0, stderr: "" });
      writeKey(OTHER_KEY);
      expect(check()).toMatchObject({ status: 4 });
      chownSync(join(image.root, SECRET_FILE), 0, 0);
      expect(check()).toMatchObject({ status: 3 });
      writeKey("");
      expect(check()).toMatchObject({ status: 3 });
      writeKey(KEY);
      expect(check().status).toBe(0);
    });

    test("serves, answers the probe of compose.yaml, and ends by its signal with 0", async () => {
      const { server, origin } = await start();
      expect(await (await fetch(`${origin}/livez`)).json()).toEqual({ status: "alive" });
      for (const page of ["livez", "readyz"]) {
        const probe = exec("node", "/app/probe.cjs", `${origin}/${page}`);
        expect(probe).toEqual({ status: 0, stdout: `/${page}: 200\n`, stderr: "" });
      }
      expect(exec("node", "/app/probe.cjs", `${origin}/nothing`)).toMatchObject({ status: 1 });
      server.process.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      expectNothingLeaks(server.output());
      const probe = exec("node", "/app/probe.cjs", `${origin}/livez`);
      expect(probe).toMatchObject({ status: 1, stderr: "" });
      expect(probe.stdout).toContain("ECONNREFUSED");
    });

    test("keeps its audit log in the volume, and can write nowhere else", async () => {
      const { server } = await start();
      server.process.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      const log = exec("proxmox-mcp-server", "audit", "tail", `${STATE}/audit.log`);
      expect(log.stdout).toMatch(/ {2}start\n.* {2}stop\n$/s);
      const attempts = ["/app/x", "/app/config/x", "/usr/local/bin/x", "/x"].map(
        (path) => exec("node", "-e", `require("node:fs").writeFileSync("${path}", "")`).stderr,
      );
      for (const attempt of attempts) expect(attempt).toMatch(/EROFS|EACCES/);
    });

    test("goes on with the old key where a wrong one is put in, and says so", async () => {
      const { server, origin } = await start();
      writeKey(OTHER_KEY);
      server.process.kill("SIGHUP");
      await server.logged("the new config is not taken");
      const livez = () => exec("node", "/app/probe.cjs", `${origin}/livez`).status;
      expect([livez(), exec(...image.healthcheck).status]).toEqual([0, 4]);
      writeKey(KEY);
      server.process.kill("SIGHUP");
      await server.logged("the new config is in force");
      expect([livez(), exec(...image.healthcheck).status]).toEqual([0, 0]);
    });

    test("has no package manager, and nothing of ours but what runs", () => {
      const { stdout } = exec("find", "/app", "/usr/local", "-mindepth", "1", "-maxdepth", "2");
      const found = stdout.split("\n").filter((path) => !/^\/app\/dist\/|^$/.test(path));
      expect(found.sort()).toEqual([
        "/app/LICENSE",
        "/app/bin",
        "/app/bin/proxmox-mcp-server.cjs",
        "/app/config",
        "/app/config/config.encrypted.json",
        "/app/dist",
        "/app/package.json",
        "/app/probe.cjs",
        "/usr/local/bin",
        "/usr/local/bin/node",
        "/usr/local/bin/proxmox-mcp-server",
      ]);
    });

    test("the tools have the CLI, and what its jobs run", () => {
      // Debian's packages come from the net.
      const tools = makeImage("tools", ({ text }) => !text.startsWith("apt-get "));
      onTestFinished(() => removeImage(tools));
      const { root, user, env } = tools;
      const run = (...argv: readonly string[]) => runInRoot(argv, { root, user, env });
      const usage = "Usage: proxmox-mcp-encrypt";
      for (const argv of [tools.entrypoint, ["proxmox-mcp-encrypt"]]) {
        const { stdout, stderr } = run(...argv, ...tools.command);
        expect(stdout, stderr).toContain(usage);
      }
      const scripts = run("find", "/app/automation", "/app/sinks", "-name", "*.sh").stdout;
      expect(scripts).toContain("/app/automation/kubernetes-rotate.sh\n");
      expect(scripts).toContain("/app/sinks/kubernetes.sh\n");
      const all = [
        "/app/automation",
        "/app/sinks",
        "-name",
        "*.sh",
        "-exec",
        "bash",
        "-n",
        "{}",
        ";",
      ];
      expect(run("find", ...all)).toEqual({ status: 0, stdout: "", stderr: "" });
    });
  },
);
