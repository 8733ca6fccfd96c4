/** The program with the commands that work on one config. */
import { EVERYDAY } from "./commands/everyday.ts";
import { type Main, mainWith } from "./main.ts";

export const main: Main = mainWith(EVERYDAY);
