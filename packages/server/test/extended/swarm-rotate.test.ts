/**
 * swarm-rotate.sh, with a `docker` that keeps secrets, configs and what runs in a directory, and can fail or
 * die at any of its calls. What it prints for `service inspect` was compared with Docker's own command line.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { configWith, expectNothingLeaks, KEY, OTHER_KEY, SECRET, sealer } from "../run-server.ts";
import { scratch } from "../scratch.ts";

const CHECKOUT = fileURLToPath(new URL("../../../../", import.meta.url));
const SCRIPT = `${CHECKOUT}deploy/docker/swarm-rotate.sh`;
const CLI = `${CHECKOUT}packages/cli/bin/proxmox-mcp-encrypt.cjs`;

const DOCKER = `#!/usr/bin/env bash
set -euo pipefail
cd "$STUB"
calls=$(($(wc -l < calls) + 1))
echo "$* | $(env | sort | tr '\\n' ' ')" >> calls
if [[ $calls == "\${STUB_FAILS:-}" ]]; then exit 1; fi
if [[ $calls == "\${STUB_KILLS:-}" ]]; then kill -KILL "$PPID"; exit 1; fi
case "$1 $2" in
  "secret inspect" | "config inspect") [[ -e $1/$3 ]] ;;
  "secret create" | "config create")
    [[ ! -e $1/$3 && $4 == - ]]
    cat > new
    mv new "$1/$3"
    ;;
  "stack deploy")
    [[ -e secret/$PROXMOX_MCP_STACK_SECRET && -e config/$PROXMOX_MCP_STACK_CONFIG ]]
    if [[ -z \${STUB_ROLLS_BACK:-} ]]; then
      echo "$PROXMOX_MCP_STACK_SECRET $PROXMOX_MCP_STACK_CONFIG completed" > runs
    else
      sed -i s/completed/rollback_completed/ runs
    fi
    ;;
  "service inspect") cat runs ;;
  "secret ls" | "config ls") for name in "$1"/*; do echo "docker $1 rm \${name#*/}"; done ;;
  *) exit 64 ;;
esac
`;

interface Swarm {
  /** Runs the script with the key file and the config that are there. */
  run(conditions?: Readonly<Record<string, string>>): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
  place(key: string): Promise<void>;
  /** The texts of the secret and of the config that run. */
  deployed(): readonly string[] | undefined;
  names(kind: "secret" | "config"): readonly string[];
  calls(): readonly string[];
  readonly directory: string;
}

function swarm(): Swarm {
  const directory = scratch();
  const bin = join(directory, "bin");
  for (const name of ["bin", "secret", "config", "home"]) mkdirSync(join(directory, name));
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  program("docker", DOCKER);
  program("proxmox-mcp-encrypt", `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  writeFileSync(join(directory, "calls"), "");
  const read = (name: string) => readFileSync(join(directory, name), "utf8");
  return {
    directory,
    run(conditions = {}) {
      writeFileSync(join(directory, "calls"), "");
      const env = {
        PATH: `${bin}:${process.env["PATH"]}`,
        HOME: join(directory, "home"),
        PROXMOX_MCP_IMAGE: "registry.example/server:1",
        STUB: directory,
        ...conditions,
      };
      const outcome = spawnSync("bash", [SCRIPT, "key", "config.json"], {
        cwd: directory,
        env,
        encoding: "utf8",
      });
      expectNothingLeaks(outcome.stdout + outcome.stderr + read("calls"));
      return outcome;
    },
    async place(key) {
      const token = await sealer.seal(SECRET, "/auth/token_value");
      writeFileSync(join(directory, "key"), `${key}\n`);
      chmodSync(join(directory, "key"), 0o600);
      writeFileSync(join(directory, "config.json"), JSON.stringify(configWith(token)));
    },
    deployed() {
      if (!existsSync(join(directory, "runs"))) return undefined;
      const [secret, config] = read("runs").split(" ");
      return [read(`secret/${secret}`), read(`config/${config}`)];
    },
    names: (kind) => readdirSync(join(directory, kind)),
    calls: () => read("calls").split("\n").slice(0, -1),
  };
}

const built = existsSync(`${CHECKOUT}packages/cli/dist/bin.cjs`);
if (!built) process.stderr.write("swarm-rotate.sh is not tried: packages/cli is not built\n");

describe.skipIf(!built)(`swarm-rotate.sh${built ? "" : " (skipped: no build)"}`, () => {
  const file = (of: Swarm, name: string) => readFileSync(join(of.directory, name), "utf8");
  const files = (of: Swarm) => [file(of, "key"), file(of, "config.json")];

  test("deploys both files, and the next ones beside the old", async () => {
    const cluster = swarm();
    await cluster.place(KEY);
    expect(cluster.run()).toMatchObject({ status: 0 });
    expect(cluster.deployed()).toEqual(files(cluster));
    const [first] = cluster.names("secret");
    expect(first).toMatch(/^proxmox-mcp-master-key-[0-9a-f]{12}$/);

    await cluster.place(`${KEY}\nnext:${OTHER_KEY}`);
    const { status, stdout } = cluster.run();
    expect(status).toBe(0);
    expect(cluster.deployed()).toEqual(files(cluster));
    expect(cluster.names("secret")).toHaveLength(2);
    expect(stdout).toContain(`docker secret rm ${first}\n`);
    const [current = ""] = cluster.names("secret").filter((name) => name !== first);
    expect(stdout).not.toContain(`rm ${current}`);
  });

  test("changes nothing for files that run already", async () => {
    const cluster = swarm();
    await cluster.place(KEY);
    cluster.run();
    expect(cluster.run()).toMatchObject({ status: 0 });
    expect(cluster.calls().filter((call) => call.includes(" create "))).toEqual([]);
    expect([cluster.names("secret"), cluster.names("config")].flat()).toHaveLength(2);
  });

  test("calls nothing where the key does not open the config", async () => {
    const cluster = swarm();
    await cluster.place(OTHER_KEY);
    expect(cluster.run()).toMatchObject({ status: 7, stdout: "" });
    expect(cluster.calls()).toEqual([]);
  });

  test("fails where Swarm went back to what it ran before", async () => {
    const cluster = swarm();
    await cluster.place(KEY);
    cluster.run();
    const before = cluster.deployed();
    await cluster.place(`${KEY}\nnext:${OTHER_KEY}`);
    const { status, stderr } = cluster.run({ STUB_ROLLS_BACK: "yes" });
    expect(status).toBe(1);
    expect(stderr).toContain("docker service ps --no-trunc proxmox_proxmox-mcp");
    expect(cluster.deployed()).toEqual(before);
  });

  // Another image, or the same on a host that is too slow: the names are those that are wanted.
  test("fails where Swarm went back, and ran these very files before", async () => {
    const cluster = swarm();
    await cluster.place(KEY);
    cluster.run();
    const { status, stdout, stderr } = cluster.run({ STUB_ROLLS_BACK: "yes" });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("rollback_completed");
    expect(cluster.run()).toMatchObject({ status: 0 });
  });

  // The calls of a run: four about the secret and the config, deploy, inspect, two lists.
  test.each([
    ["STUB_FAILS", 5],
    ["STUB_KILLS", 2],
    ["STUB_KILLS", 4],
    ["STUB_KILLS", 5],
    ["STUB_KILLS", 6],
  ])("%s at call %i: what runs is whole, and the next run finishes", async (how, call) => {
    const cluster = swarm();
    await cluster.place(KEY);
    expect(cluster.run()).toMatchObject({ status: 0 });
    const before = cluster.deployed();
    rmSync(join(cluster.directory, "config.json"));
    await cluster.place(`${KEY}\nnext:${OTHER_KEY}`);
    expect(cluster.run({ [how]: String(call) }).status).not.toBe(0);
    expect([before, files(cluster)]).toContainEqual(cluster.deployed());
    expect(cluster.run()).toMatchObject({ status: 0 });
    expect(cluster.deployed()).toEqual(files(cluster));
    expect(cluster.names("secret")).toHaveLength(2);
  });
});
