/**
 * New values by the rule of the Python tool, in both directions, against the library that it uses:
 * `PBKDF2HMAC` and `Fernet` of python3-cryptography. What it sealed long ago is in the vectors.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Cli, createCli } from "../cli.ts";
import { config } from "../material.ts";

const PLAINTEXTS = ["00000000-aaaa-bbbb-cccc-eeeeeeeeeeee", "pässwörd-密码-🔐", 'q"u\\o\nte', "x"];
const FORMS = ["unbound", "legacy"] as const;

const hasPython = spawnSync("python3", ["-c", "import cryptography"]).status === 0;
if (!hasPython)
  process.stderr.write(
    "SKIPPED: the Python tool's rule needs python3 and its package cryptography\n",
  );

/** The rule: the salt of a legacy token is fixed, that of the others stands in front of the token. */
const RULE = `
import base64, os, sys
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

LEGACY = b"proxmox_mcp_salt"

def fernet(key, salt):
    kdf = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=100000)
    return Fernet(base64.urlsafe_b64encode(kdf.derive(base64.urlsafe_b64decode(key))))

def seal(key, form, text):
    salt = LEGACY if form == "legacy" else os.urandom(16)
    parts = [base64.urlsafe_b64encode(fernet(key, salt).encrypt(text.encode())).decode()]
    if form != "legacy":
        parts.insert(0, base64.urlsafe_b64encode(salt).decode())
    return "enc:" + ":".join(parts)

def open_token(key, token):
    parts = token[len("enc:"):].split(":")
    salt = LEGACY if len(parts) == 1 else base64.urlsafe_b64decode(parts.pop(0))
    return fernet(key, salt).decrypt(base64.urlsafe_b64decode(parts[0])).decode()
`;

describe.runIf(hasPython)("the rule of the Python tool", () => {
  describe.each(FORMS)("seals a value that is %s", (form) => {
    it.each(PLAINTEXTS)("and we open %j", async (plaintext) => {
      const { cli, key } = prepared();
      cli.write("sealed.json", config(python("seal(*sys.argv[1:])", key, form, plaintext)));
      const status = await cli.run(["status", "sealed.json", "--json"]);
      expect(JSON.parse(status.stdout).files[0].secrets).toMatchObject([
        { location: "/auth/token_value", state: form, opens: true },
      ]);
      const decrypted = await cli.run(["decrypt", "sealed.json"]);
      expect(decrypted).toMatchObject({ status: 0, stdout: config(plaintext) });
    });
  });

  describe.each([
    ["unbound", ["--unbound"]],
    ["bound", []],
  ] as const)("opens what we seal %s", (form, flags) => {
    it.each(PLAINTEXTS)("of %j", async (plaintext) => {
      const { cli, key } = prepared();
      cli.write("config.json", config(plaintext));
      const encrypted = await cli.run(["encrypt", "config.json", "--in-place", ...flags]);
      expect(encrypted).toMatchObject({ status: 0 });
      const token: string = JSON.parse(cli.read("config.json")).auth.token_value;
      expect(saltOf(token)).toHaveLength(form === "bound" ? 17 : 16);
      expect(python("open_token(*sys.argv[1:])", key, token)).toBe(plaintext);
    });
  });
});

function prepared(): { readonly cli: Cli; readonly key: string } {
  const cli = createCli();
  const key = python("Fernet.generate_key().decode()");
  cli.write(cli.keyFile, key, 0o600);
  return { cli, key };
}

function saltOf(token: string): Buffer {
  return Buffer.from(token.split(":")[1] ?? "", "base64url");
}

/** The value of an expression that follows the rule and sees `args` as `sys.argv[1:]`. */
function python(expression: string, ...args: string[]): string {
  const script = `${RULE}\nsys.stdout.write(${expression})\n`;
  const { status, stdout, stderr } = spawnSync("python3", ["-c", script, ...args], {
    encoding: "utf8",
    env: { ...process.env, PYTHONIOENCODING: "utf-8" },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
