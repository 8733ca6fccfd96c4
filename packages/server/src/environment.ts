/** The environment of this process, taken once. */
export type Environment = Readonly<Record<string, string | undefined>>;

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

/** A variable; empty where it is not set. */
export function textOf(env: Environment, name: string): string {
  return (Object.hasOwn(env, name) ? env[name] : undefined) ?? "";
}
