/** Docker, as far as the pages use it: one service of Compose runs, with what its file says. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { print, Refusal, rooted } from "./place.ts";
import { isRunning, logOf, run, start, stop } from "./service.ts";
import { swarm } from "./swarm.ts";

const SERVICE = "proxmox-mcp";

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment: Readonly<Record<string, string>>;
        readonly secrets: readonly string[];
        readonly volumes: readonly string[];
      }
    >
  >;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export async function docker(argv: readonly string[]): Promise<number> {
  const [verb = "", ...rest] = argv;
  if (verb === "build") {
    readFileSync(rest[rest.indexOf("-f") + 1] ?? "");
    if (rest.includes("tools") && !rest.some((word) => word.startsWith("KUBECTL_IMAGE=")))
      throw new Refusal('"/bin/kubectl": not found');
    return 0;
  }
  if (verb !== "compose") return swarm(argv);
  const at = rest.indexOf("-f");
  const file = resolve(at < 0 ? "compose.yaml" : (rest[at + 1] ?? ""));
  const [action = "", ...words] = at < 0 ? rest : [...rest.slice(0, at), ...rest.slice(at + 2)];
  const env = { PROXMOX_MCP_CONFIG: "/app/config/config.encrypted.json", ...settings(file) };
  const begin = () => {
    mountAll(file);
    start(SERVICE, { argv: ["/usr/local/bin/proxmox-mcp-server"], env });
  };
  switch (action) {
    case "up":
      if (!isRunning(SERVICE)) begin();
      return 0;
    case "restart":
      await stop(SERVICE);
      begin();
      return 0;
    case "down":
      await stop(SERVICE);
      return 0;
    case "logs":
      print(logOf(SERVICE));
      return 0;
    case "exec": {
      if (!isRunning(SERVICE)) throw new Refusal(`service "${SERVICE}" is not running`);
      const [program = "", ...args] = words.slice(words.indexOf(SERVICE) + 1);
      const name = `exec-${process.pid}`;
      const status = await run(name, { argv: [`/usr/local/bin/${program}`, ...args], env });
      print(logOf(name));
      return status;
    }
    default:
      throw new Error(`nobody plays docker compose ${action}`);
  }
}

function read(file: string): Compose {
  return parse(readFileSync(file, "utf8")) as Compose;
}

function settings(file: string): Readonly<Record<string, string>> {
  return read(file).services[SERVICE]?.environment ?? {};
}

/** Directories are seen as they are, a file of its own as it was when the container began. */
function mountAll(file: string): void {
  const { services, secrets } = read(file);
  for (const volume of services[SERVICE]?.volumes ?? []) {
    const [from = "", to = ""] = volume.split(":");
    mkdirSync(dirname(rooted(to)), { recursive: true });
    if (!from.startsWith(".")) mkdirSync(rooted(to), { recursive: true });
    else if (!existsSync(rooted(to))) symlinkSync(join(dirname(file), from), rooted(to));
  }
  for (const name of services[SERVICE]?.secrets ?? []) {
    const [, from = ""] = /:-([^}]+)\}/.exec(secrets[name]?.file ?? "") ?? [];
    const to = rooted(`/run/secrets/${name}`);
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    copyFileSync(join(dirname(file), from), to);
  }
}
