/** The real npm; or a quick one, for whom a package that was installed before is enough. */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Outside, Refusal, type Reply } from "./call.ts";
import { passOn, STUB } from "./real.ts";
import { readState } from "./state.ts";

const TOOL = "proxmox-mcp-encrypt";

/** What npm finds where a registry would be. */
export interface Registry {
  /** What was packed of this repository. */
  readonly tarball: string;
  /** A directory into which that was installed; without it npm itself does so. */
  readonly installed?: string;
}

/** The file of the state. */
export const REGISTRY = "npm.json";

export function npm(outside: Outside): Reply {
  const { tarball, installed } = registry(outside.world);
  const [command = "", ...words] = outside.argv;
  // Signatures are what a registry alone has.
  if (command === "audit" && words[0] === "signatures") return { print: "" };
  const prefix = words[words.indexOf("--prefix") + 1];
  if (command !== "install" || !words.includes("--prefix") || prefix === undefined)
    throw new Error("nobody plays this npm");
  if (words.at(-1) !== "@proxmox-mcp/cli@0.0.0")
    throw new Refusal(`npm error 404 Not Found: ${words.at(-1)}`);
  if (installed === undefined)
    return { ...passOn(outside), argv: [...outside.argv.slice(0, -1), tarball] };
  const [scope, bin] = [join("node_modules", "@proxmox-mcp"), join("node_modules", ".bin")];
  for (const directory of [scope, bin]) mkdirSync(join(prefix, directory), { recursive: true });
  symlinkSync(join(installed, scope, "cli"), join(prefix, scope, "cli"));
  symlinkSync(join(dirname(outside.world), "bin", STUB), join(prefix, bin, TOOL));
  return { print: "" };
}

/** What is installed. */
export function tool(outside: Outside): Reply {
  const { installed } = registry(outside.world);
  if (installed === undefined) return passOn(outside);
  return { run: join(installed, "node_modules", ".bin", TOOL) };
}

function registry(world: string): Registry {
  return readState<Registry>(world, REGISTRY, { tarball: "" });
}
