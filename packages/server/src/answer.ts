/** Questions that need neither config nor key. */
import { HELP, type Options } from "./options.ts";
import { version } from "./version.ts";
import { STDOUT, writeText } from "./write-text.ts";

/** Answers `--help` and `--version`. @returns whether that was all that was asked. */
export function answer({ action }: Options): boolean {
  if (action === "help") writeText(STDOUT, HELP);
  else if (action === "version") writeText(STDOUT, `${version}\n`);
  else return false;
  return true;
}
