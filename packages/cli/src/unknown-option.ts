/** What is said of an option that there is not. It may be a secret in a wrong place. */

/** The name of an option, without its value; `undefined` for what does not look like one. */
export function optionName(flag: string): string | undefined {
  return /^(--[a-z][a-z-]{0,31}(?==|$)|-\w)/.exec(flag)?.[0];
}

/** The message, with the option's name where it has one. */
export function unknownOption(flag: string): string {
  const name = optionName(flag);
  return name === undefined ? "unknown option" : `unknown option '${name}'`;
}
