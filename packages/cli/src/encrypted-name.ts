import { basename, dirname, extname, join } from "node:path";

/**
 * The name that encrypt writes to, unless told otherwise: `config.json` becomes
 * `config.encrypted.json`, `.env` becomes `.env.encrypted`, as the Python tool names them.
 */
export function encryptedName(path: string): string {
  const name = basename(path);
  const extension = extname(name);
  const encrypted =
    extension === "" || name.startsWith(".env")
      ? `${name}.encrypted`
      : `${name.slice(0, -extension.length)}.encrypted${extension}`;
  return dirname(path) === "." && !path.startsWith("./")
    ? encrypted
    : join(dirname(path), encrypted);
}
