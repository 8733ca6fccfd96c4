/** Where the config is. */
import { type Environment, textOf } from "../environment.ts";

/** What names a config. */
export interface ConfigName {
  /** The one of the command line. */
  readonly config?: string | undefined;
  readonly env: Environment;
}

/** The path of the config; empty where none is named. */
export function configPath({ config, env }: ConfigName): string {
  return config ?? textOf(env, "PROXMOX_MCP_CONFIG");
}
