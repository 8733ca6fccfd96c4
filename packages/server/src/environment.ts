/** The environment of this process, taken once. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

export type Environment = Readonly<Record<string, string | undefined>>;

const ON = /^\s*(?:1|true|yes|on)\s*$/i;
const OFF = /^\s*(?:0|false|no|off)?\s*$/i;
const MASTER_KEY = /^PROXMOX_MCP_MASTER_KEY/i;

/**
 * Copies the environment and removes master keys from the original, so that no child process gets
 * one.
 *
 * @param keyEnv the variable that `--key-env` names.
 */
export function takeEnvironment(
  original: Record<string, string | undefined>,
  keyEnv?: string,
): Environment {
  const copy = { ...original };
  for (const name of Object.keys(original)) {
    if (MASTER_KEY.test(name) || name === keyEnv) delete original[name];
  }
  return copy;
}

/** Whether a variable such as PROXMOX_MCP_DEBUG is switched on. */
export function isOn(env: Environment, name: string): boolean {
  return ON.test(textOf(env, name));
}

/**
 * Reads a variable that switches a protection on.
 *
 * @throws ProxmoxMcpError USAGE for anything but a yes or a no: a mistyped yes must not be a no.
 */
export function isProtectionOn(env: Environment, name: string): boolean {
  const text = textOf(env, name);
  if (ON.test(text) || OFF.test(text)) return ON.test(text);
  throw new ProxmoxMcpError("USAGE", `the variable ${name} is neither true nor false`, {
    hint: `set ${name} to true, or unset it`,
  });
}

/** A variable; empty where it is not set. */
export function textOf(env: Environment, name: string): string {
  return (Object.hasOwn(env, name) ? env[name] : undefined) ?? "";
}
