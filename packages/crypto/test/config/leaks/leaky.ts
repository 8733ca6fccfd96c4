/**
 * Values that look real, put together at run time: the scan of this repository must not find them in the
 * tests. `@UUID@` and the like stand for them in the texts of the tests.
 */
import { createHash } from "node:crypto";

function digest(seed: string): Buffer {
  return createHash("sha256").update(`an example for the tests of scan: ${seed}`).digest();
}

function uuid(seed: string): string {
  const hex = digest(seed).toString("hex");
  return [8, 4, 4, 4, 12]
    .map((length, index) => hex.slice(index * 5, index * 5 + length))
    .join("-");
}

/** One value of each shape. */
export const VALUES: Readonly<Record<string, string>> = {
  UUID: uuid("token"),
  OTHER_UUID: uuid("other token"),
  HEX: digest("hex").toString("hex").slice(0, 32),
  KEY: digest("key").toString("base64url").concat("="),
  NEXT_KEY: digest("next key").toString("base64url").concat("="),
  PASSWORD: ["swordfish", "4711"].join("-Qx"),
  WORD: ["sword", "fish"].join(""),
  PEM: digest("pem").toString("base64").replace(/=+$/, "").repeat(2),
};

/** A text with the values in their places. */
export function leaky(text: string): string {
  return text
    .replace(/@BASE64:([^@]*)@/g, (_, inner: string) =>
      Buffer.from(filled(inner).replaceAll("\\n", "\n")).toString("base64"),
    )
    .replace(/@[A-Z_]+@/g, filled);
}

function filled(text: string): string {
  return text.replace(/@?([A-Z_]+)@?/g, (whole, name: string) => VALUES[name] ?? whole);
}
