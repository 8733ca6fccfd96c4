/** The commands that come in a smaller bundle, which is loaded sooner. */
export const EVERYDAY_NAMES = ["encrypt", "decrypt", "set", "status"] as const;

/** Whether arguments begin with one of them. */
export function isEveryday([first]: readonly string[]): boolean {
  return EVERYDAY_NAMES.some((name) => name === first);
}
