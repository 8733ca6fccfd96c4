/** Variables that switch something on or off. */
import { ProxmoxMcpError } from "./errors.ts";

const ON = /^\s*(?:1|true|yes|on)\s*$/i;
const OFF = /^\s*(?:0|false|no|off)?\s*$/i;

/** Whether a variable's text says yes. Anything else, and a variable that is not set, is a no. */
export function isOn(text: string | undefined): boolean {
  return text !== undefined && ON.test(text);
}

/**
 * Reads a variable that switches a protection on.
 *
 * @throws ProxmoxMcpError USAGE for anything but a yes or a no: a mistyped yes must not be a no.
 */
export function isProtectionOn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): boolean {
  const text = Object.hasOwn(env, name) ? (env[name] ?? "") : "";
  if (ON.test(text) || OFF.test(text)) return ON.test(text);
  throw new ProxmoxMcpError("USAGE", `the variable ${name} is neither true nor false`, {
    hint: `set ${name} to true, or unset it`,
  });
}
