/** Parameters of a call as Proxmox reads them. */
import type { ParameterValue } from "./endpoint.ts";

/** As a query or a form: booleans are 1 and 0, arrays repeat their key, `undefined` is left out. */
export function encodeParameters(
  parameters: Readonly<Record<string, ParameterValue | undefined>>,
): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (single !== undefined) form.append(name, textOf(single));
    }
  }
  return form.toString();
}

function textOf(value: string | number | boolean): string {
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}
