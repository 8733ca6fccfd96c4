/** The GitHub App that people make as docs/automation.md tells them. It may do nothing else. */
import { readFileSync } from "node:fs";
import type { Permissions } from "../stubs/tokens.ts";

const PAGE = new URL("../../../../../docs/automation.md", import.meta.url);
const [, page = ""] = /^## GitHub$(.*?)^## /ms.exec(readFileSync(PAGE, "utf8")) ?? [];

/** For the workflow: the sentence of the list that the App is made by. */
export const FOR_WORKFLOW: Permissions = named(/repository permissions:[^.]*\./.exec(page)?.[0]);

/** For the action: also what the page names elsewhere. */
export const FOR_ACTION: Permissions = named(page);

/** What a text names, as in "**Pull requests** read and write". */
function named(text = ""): Permissions {
  const found = text
    .replace(/\s+/g, " ")
    .matchAll(/\*\*([A-Z][a-z]+(?: [a-z]+)*)\*\*:? read\b( and write\b)?/g);
  return Object.fromEntries(
    [...found].map(([, name = "", write]) => [
      name.toLowerCase().replaceAll(" ", "-"),
      write === undefined ? "read" : "write",
    ]),
  );
}
