import { describe, expect, test } from "vitest";
import { findLeaks } from "../../../src/config/leaks/find-leaks.ts";
import { leaky } from "./leaky.ts";

/** How many findings a text has, and how many of them are let pass. */
async function counts(path: string, text: string): Promise<string> {
  const { leaks, allowed } = await findLeaks(leaky(text), path);
  return `${leaks.length} left, ${allowed} allowed`;
}

const MARK = "proxmox-mcp: allow";

describe("the words proxmox-mcp: allow", () => {
  test.each<readonly [string, string, string]>([
    ["JSON with comments", "a.json", `{"token":"@HEX@"} // ${MARK}`],
    ["JSON with comments, alone", "a.jsonc", `{\n  // ${MARK}\n  "token": "@HEX@"\n}`],
    ["a block", "a.json5", `{"token":"@HEX@" /* ${MARK} */}`],
    [
      "a comment behind quotes within quotes",
      "a.jsonc",
      `{"a":"\\"//","token":"@HEX@"} // ${MARK}`,
    ],
    ["YAML", "a.yaml", `password: "@PASSWORD@" # ${MARK}`],
    ["YAML with an apostrophe", "a.yaml", `note: {it's, password: "@PASSWORD@"} # ${MARK}`],
    [".env", ".env", `PROXMOX_PASSWORD=@PASSWORD@ # an example, ${MARK}`],
    ["shell", "a.sh", `export A_TOKEN=@HEX@ # ${MARK}`],
    ["no ending", "Dockerfile", `ENV A_TOKEN=@HEX@ # ${MARK}`],
    ["Python", "a.py", `PASSWORD = '@PASSWORD@' # ${MARK}`],
    ["TypeScript", "a.ts", `const password = "@PASSWORD@"; /* ${MARK} */ run();`],
    ["SQL", "a.sql", `SELECT 1 AS a, password = '@PASSWORD@' -- ${MARK}`],
    ["Lua", "a.lua", `password = '@PASSWORD@' -- ${MARK}`],
    ["HTML", "a.html", `<input password="@PASSWORD@"><!-- ${MARK} -->`],
    ["a piece of a script in a page", "a.md", `export A_TOKEN=@HEX@ # ${MARK}`],
    ["Terraform", "a.tf", `api_token = "@HEX@" // ${MARK}`],
    ["an INI file", "a.ini", `password = @PASSWORD@ ; ${MARK}`],
    ["a script of Windows", "a.cmd", `rem ${MARK}\nset PASSWORD=@PASSWORD@`],
  ])("count in a comment: %s", async (_, path, text) => {
    expect(await counts(path, text)).toBe("0 left, 1 allowed");
  });

  test.each<readonly [string, string, string]>([
    ["JSON", "a.json", `{"note":"${MARK}","auth":{"token_value":"@UUID@"}}`],
    [
      "the signs of a comment in JSON",
      "a.json",
      `{"n":"// ${MARK}","auth":{"token_value":"@UUID@"}}`,
    ],
    ["a name of JSON", "a.json", `{"auth":{"token_value":"@UUID@"},"# ${MARK}":1}`],
    ["a list of JSON", "a.json", `{"a":[\n"// ${MARK}",\n"root@pam!ci=@UUID@"]}`],
    ["a backup", "a.json.backup.20260131_120000", `{"n":"# ${MARK}","secret":"@HEX@"}`],
    ["a text over lines of JSON", "a.jsonc", `{"a":"\\\n// ${MARK}\n","token":"@HEX@"}`],
    ["YAML", "a.yaml", `{ note: "${MARK}", password: "@PASSWORD@" }`],
    ["the sign of a comment in YAML", "a.yaml", `{ note: "a # ${MARK}", password: "@PASSWORD@" }`],
    ["a comment of another language", "a.yaml", `{ note: // ${MARK}, password: "@PASSWORD@" }`],
    ["a list of YAML", "a.yaml", `- "${MARK}"\n- {password: "@PASSWORD@"}`],
    ["shell", "a.sh", `A_TOKEN=@HEX@ run "# ${MARK}"`],
    ["shell without quotes", "a.sh", `A_TOKEN=@HEX@ run x#${MARK}`],
    ["words in shell", "a.sh", `A_TOKEN=@HEX@ echo ${MARK}`],
    ["TypeScript", "a.ts", `const password = "@PASSWORD@", note = "// ${MARK}";`],
    ["TypeScript in backticks", "a.ts", `const password = "@PASSWORD@", note = \`// ${MARK}\`;`],
    ["TypeScript in single quotes", "a.ts", `const password = "@PASSWORD@", n = '// ${MARK}';`],
    ["behind a comment", "a.ts", `/* a */ const password = "@PASSWORD@", note = "${MARK}";`],
    ["an address", "a.txt", `password=@PASSWORD@ https://a.test/?${MARK}`],
    ["words alone", "a.txt", `${MARK}\npassword=@PASSWORD@`],
  ])("do not count elsewhere: %s", async (_, path, text) => {
    expect(await counts(path, text)).toMatch(/^[1-9] left, 0 allowed$/);
  });

  // Quadratic time would take minutes for any of these.
  const LONG = 200_000;
  test.each<readonly [string, string]>([
    ["quotes", `"`.repeat(LONG)],
    ["escaped quotes", String.raw`\"`.repeat(LONG / 2)],
    ["apostrophes", " '".repeat(LONG / 2)],
    ["blocks", "/*".repeat(LONG / 2)],
    ["comments of HTML", "<!--".repeat(LONG / 4)],
    ["words", `${MARK} `.repeat(LONG / 19)],
    ["comments", `/* ${MARK} */ `.repeat(LONG / 25)],
  ])("take linear time: %s", async (_, text) => {
    for (const path of ["a.json", "a.yaml", "a.ts", "a"])
      await findLeaks(leaky(`token="@HEX@" ${text} ${MARK}`), path);
  });
});
