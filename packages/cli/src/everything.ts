/** The program with all its commands. */
import { ALL_COMMANDS } from "./commands/all.ts";
import { type Main, runProcess } from "./main.ts";

export const main: Main = (argv, started) => runProcess(ALL_COMMANDS, argv, started);
