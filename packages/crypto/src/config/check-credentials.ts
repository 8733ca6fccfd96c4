/** Whether a config says how its user proves who it is: by an API token, else by a password. */
import { ProxmoxMcpError } from "../errors.ts";
import type { Locate } from "./field.ts";

/**
 * Checks that there is a whole API token, or a password where there is none.
 *
 * @param root what was parsed: a section that is no map has its problem from the schema.
 * @returns SCHEMA, at most one.
 */
export function checkCredentials(root: unknown, locate: Locate): readonly ProxmoxMcpError[] {
  const auth = section(root, "auth");
  if (auth === undefined) return [];
  const [name, value] = [Object.hasOwn(auth, "token_name"), Object.hasOwn(auth, "token_value")];
  if (name && value) return [];
  if (name || value) return [halfToken(value ? "token_name" : "token_value", locate)];
  const places = [auth, section(root, "proxmox")];
  return places.some((place) => place !== undefined && Object.hasOwn(place, "password"))
    ? []
    : [nothing(locate)];
}

function section(root: unknown, name: string): object | undefined {
  if (!isMap(root)) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(root, name)?.value;
  return isMap(found) ? found : undefined;
}

function isMap(item: unknown): item is object {
  return typeof item === "object" && item !== null && !Array.isArray(item);
}

function halfToken(missing: "token_name" | "token_value", locate: Locate): ProxmoxMcpError {
  const other = missing === "token_name" ? "token_value" : "token_name";
  return new ProxmoxMcpError(
    "SCHEMA",
    `the required key ${missing} is missing: an API token is its ${other} and its ${missing}`,
    {
      where: locate(`/auth/${missing}`),
      hint: `write ${missing} beside ${other}, or remove ${other} and write a password`,
    },
  );
}

function nothing(locate: Locate): ProxmoxMcpError {
  return new ProxmoxMcpError("SCHEMA", "there is neither an API token nor a password", {
    where: locate("/auth"),
    hint: "write token_name and token_value of an API token, or the password of the user",
  });
}
