/** The program with all its commands. */
import { ALL_COMMANDS } from "./commands/all.ts";
import { type Main, mainWith } from "./main.ts";

export const main: Main = mainWith(ALL_COMMANDS);
