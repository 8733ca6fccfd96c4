/** The program with the commands that work on one config. */
import { EVERYDAY } from "./commands/everyday.ts";
import { type Main, runProcess } from "./main.ts";

export const main: Main = (argv, started) => runProcess(EVERYDAY, argv, started);
