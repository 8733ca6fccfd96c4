/** The Python example of docs/token-format.md, run as it stands there. Needs python3-cryptography. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  createOpener,
  createSealer,
  formatKeyText,
  generateMasterKey,
  type KeyText,
} from "@proxmox-mcp/crypto";
import { describe, expect, it } from "vitest";
import { fencesOf } from "../docs/fences.ts";

const PAGE = resolve(import.meta.dirname, "../../../../docs/token-format.md");
const LOCATION = "/servers/production/token_secret";
const PLAINTEXT = "pässwörd-密码-🔐";

const [example] = fencesOf(readFileSync(PAGE, "utf8")).filter(
  ({ language }) => language === "python",
);
const hasPython = spawnSync("python3", ["-c", "import cryptography"]).status === 0;
if (!hasPython)
  process.stderr.write("SKIPPED: the Python example needs python3 and its package cryptography\n");

describe.runIf(hasPython)("the Python example of the token format", () => {
  const active = generateMasterKey(randomBytes);
  const keys: KeyText = { active, successor: undefined, retired: [] };
  const key = formatKeyText(keys).trim();

  it("seals what we open", async () => {
    const token = python("print(seal(*sys.argv[1:]))", key, LOCATION, PLAINTEXT).stdout.trim();
    expect(await createOpener({ keys }).open(token, LOCATION)).toMatchObject({
      form: "bound",
      plaintext: PLAINTEXT,
    });
  });

  it("opens what we seal, in its field alone", async () => {
    const sealer = createSealer({ key: active, random: randomBytes, now: () => new Date() });
    const token = await sealer.seal(PLAINTEXT, LOCATION);
    const call = "print(open_bound(*sys.argv[1:]))";
    expect(python(call, key, LOCATION, token).stdout).toBe(`${PLAINTEXT}\n`);
    expect(python(call, key, "/auth/token_value", token).stderr).toContain("ValueError: misplaced");
  });
});

/** Runs the example and, after it, one line that sees `args` as `sys.argv[1:]`. */
function python(line: string, ...args: string[]) {
  const script = `${example?.content}\nimport sys\n${line}\n`;
  return spawnSync("python3", ["-c", script, ...args], {
    encoding: "utf8",
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
  });
}
