/** Example keys, tokens and configs. Every one of them is public. */
import { readFileSync } from "node:fs";

interface Vectors {
  readonly good: readonly {
    readonly master_key: string;
    readonly timestamp: number;
    readonly location: string;
    readonly plaintext: string;
    readonly token: string;
  }[];
  readonly readable: readonly {
    readonly plaintext: string;
    readonly state: "legacy" | "unbound";
    readonly token: string;
  }[];
  readonly bad: readonly {
    readonly token: string;
    readonly expect: "misplaced" | "newer" | "malformed" | "no-key" | "opaque";
  }[];
}

interface PythonToken {
  readonly master_key: string;
  readonly plaintext: string;
  readonly token: string;
  readonly format: "new" | "old";
  readonly name: string;
}

/** The test vectors of the crypto package; its README says where they come from. */
export const vectors: Vectors = read("bound.json");
export const pythonTokens: readonly PythonToken[] = read("python/tokens.json");

/** A file of the crypto package's torture directory. */
export function torture(name: string): string {
  return readFileSync(vectorFile(`torture/${name}`), "utf8");
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(vectorFile(name), "utf8")) as T;
}

function vectorFile(name: string): URL {
  return new URL(`../../crypto/test/vectors/${name}`, import.meta.url);
}

function bound(location: string): Vectors["good"][number] {
  const found = vectors.good.find((vector) => vector.location === location);
  if (found === undefined) throw new Error(`no vector for ${location}`);
  return found;
}

/** The token of the server config, sealed in November 2023 for `/auth/token_value`. */
export const BOUND: Vectors["good"][number] = bound("/auth/token_value");
/** Sealed for the field of another server config. */
export const ELSEWHERE: Vectors["good"][number] = bound("/servers/production/token_secret");

/** The master key of all vectors of `bound.json`. */
export const KEY: string = BOUND.master_key;
export const OTHER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
export const SECRET: string = BOUND.plaintext;

/** The text of a server config, as people write it. */
export function config(tokenValue: string = SECRET): string {
  return `{
  "proxmox": { "host": "pve.example", "port": 8006 },
  "auth": {
    "user": "mcp@pve",
    "token_name": "mcp",
    "token_value": ${JSON.stringify(tokenValue)}
  }
}
`;
}

/** Where `config` has its secret. */
export const PLACE = { location: "/auth/token_value", line: 6, column: 20 } as const;

/** The token with one bit of its ciphertext changed; its spelling is as good as before. */
export function corrupted(token: string): string {
  const end = token.lastIndexOf(":") + 1;
  const fernet = Buffer.from(
    Buffer.from(token.slice(end), "base64url").toString("latin1"),
    "base64url",
  );
  fernet[40] = (fernet[40] ?? 0) ^ 1;
  const spelled = (bytes: Buffer) =>
    bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  return token.slice(0, end) + spelled(Buffer.from(spelled(fernet), "latin1"));
}
