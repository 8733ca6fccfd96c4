/** Reads the test vectors; vectors/README.md says where they come from. */
import { readFileSync } from "node:fs";

export interface SpecVector {
  readonly desc: string;
  readonly token: string;
  readonly now: string;
  readonly iv: readonly number[];
  readonly src: string;
  readonly secret: string;
}

interface CbcGroup {
  readonly keySize: number;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly key: string;
    readonly iv: string;
    readonly msg: string;
    readonly ct: string;
    readonly result: string;
  }[];
}

interface Pbkdf2Group {
  readonly tests: readonly {
    readonly tcId: number;
    readonly password: string;
    readonly salt: string;
    readonly iterationCount: number;
    readonly dkLen: number;
    readonly dk: string;
    readonly result: string;
  }[];
}

interface PythonVector {
  readonly master_key: string;
  readonly plaintext: string;
  readonly token: string;
  readonly format: "new" | "old";
  readonly name: string;
}

interface BoundVectors {
  readonly good: readonly {
    readonly master_key: string;
    readonly salt: string;
    readonly nonce: string;
    readonly timestamp: number;
    readonly location: string;
    readonly plaintext: string;
    readonly derived_key: string;
    readonly context_key: string;
    readonly iv: string;
    readonly token: string;
  }[];
  readonly readable: readonly {
    readonly master_key: string;
    readonly plaintext: string;
    readonly state: "legacy" | "unbound";
    readonly token: string;
  }[];
  readonly bad: readonly {
    readonly master_key: string;
    readonly token: string;
    readonly location: string;
    readonly expect: "misplaced" | "newer" | "malformed" | "no-key" | "opaque";
    readonly why: string;
  }[];
}

export const spec: (name: "generate" | "verify" | "invalid") => readonly SpecVector[] = (name) =>
  read<readonly SpecVector[]>(`fernet-spec/${name}.json`);
export const cbc: readonly CbcGroup[] = read<{ testGroups: readonly CbcGroup[] }>(
  "wycheproof/aes_cbc_pkcs5_test.json",
).testGroups;
export const pbkdf2: readonly Pbkdf2Group[] = read<{ testGroups: readonly Pbkdf2Group[] }>(
  "wycheproof/pbkdf2_hmacsha256_test.json",
).testGroups;
export const python: readonly PythonVector[] = read<readonly PythonVector[]>("python/tokens.json");
export const bound: BoundVectors = read<BoundVectors>("bound.json");

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), "utf8")) as T;
}
