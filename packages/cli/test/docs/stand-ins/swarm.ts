/** Docker Swarm: secrets and configs that never change, and a service that names one of each. */
import { readFileSync } from "node:fs";
import { keep, kept, print, Refusal } from "./place.ts";

type Kind = "secret" | "config";

export function swarm([kind = "", verb = "", ...words]: readonly string[]): number {
  const after = (flag: string) => words[words.indexOf(flag) + 1] ?? "";
  if (kind === "secret" || kind === "config") {
    if (verb === "ls") {
      const lines = names(kind).map((name) => after("--format").replace("{{.Name}}", name));
      print(lines.map((line) => `${line}\n`).join(""));
    } else if (verb === "inspect") {
      if (!names(kind).includes(words[0] ?? "")) throw new Refusal(`no such ${kind}`);
    } else if (verb === "create") {
      if (names(kind).includes(words[0] ?? "")) throw new Refusal(`${kind} exists already`);
      // A key text is in no argument.
      if (words[1] !== "-" || readFileSync(0).length === 0) throw new Refusal("nothing came");
      keep(`swarm/${kind}`, [...names(kind), words[0]]);
    } else throw new Error(`nobody plays docker ${kind} ${verb}`);
  } else if (kind === "stack" && verb === "deploy") {
    readFileSync(after("--compose-file"));
    const { PROXMOX_MCP_STACK_SECRET: secret, PROXMOX_MCP_STACK_CONFIG: config } = process.env;
    const isThere =
      names("secret").includes(secret ?? "") && names("config").includes(config ?? "");
    if (!isThere) throw new Refusal("the stack names a secret or a config that is not there");
    keep("swarm/service", `${secret} ${config} completed`);
  } else if (kind === "service" && verb === "inspect") {
    print(`${kept("swarm/service", "")}\n`);
  } else throw new Error(`nobody plays docker ${kind} ${verb}`);
  return 0;
}

function names(kind: Kind): readonly string[] {
  return kept<readonly string[]>(`swarm/${kind}`, []);
}
