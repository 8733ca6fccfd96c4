/** Parameters as the API declares them, and the texts with which it refuses others. */
import { invalid } from "./refusal.ts";

/** What a parameter may be on the wire: form fields are texts, JSON has types. */
export type Raw = string | number | boolean | null | readonly string[] | object;

/** One declared parameter. */
export interface Parameter<T> {
  readonly optional: boolean;
  /** @throws Fault with Proxmox's text. */
  read(raw: Raw): T;
}

export type Schema = Readonly<Record<string, Parameter<unknown>>>;

/** What the parameters of a schema are once they are checked. */
export type Values<S extends Schema> = {
  readonly [K in keyof S]: S[K] extends Parameter<infer T> ? T : never;
};

class Fault extends Error {}

/** A declared parameter that may be absent. */
export function optional<T>({ read }: Parameter<T>): Parameter<T | undefined> {
  return { optional: true, read };
}

function required<T>(read: (raw: Raw) => T): Parameter<T> {
  return { optional: false, read };
}

/** Any text, or what a pattern takes; `complaint` is said of others. */
export function text(
  pattern?: RegExp,
  complaint: (value: string) => string = String,
): Parameter<string> {
  return required((raw) => {
    if (typeof raw === "object") throw new Fault("type check ('string') failed");
    const value = String(raw);
    if (pattern?.test(value) === false) throw new Fault(`invalid format - ${complaint(value)}\n`);
    return value;
  });
}

/** A whole number. */
export function integer({
  minimum = -Infinity,
  maximum = Infinity,
}: {
  minimum?: number;
  maximum?: number;
} = {}): Parameter<number> {
  return required((raw) => {
    const value = String(raw);
    if (!/^-?\d+$/.test(value)) throw new Fault(`type check ('integer') failed - got '${value}'`);
    if (Number(value) < minimum) throw new Fault(`value must have a minimum value of ${minimum}`);
    if (Number(value) > maximum) throw new Fault(`value must have a maximum value of ${maximum}`);
    return Number(value);
  });
}

/** 1 or 0; `true` and `false` in JSON alone. */
export function boolean(): Parameter<boolean> {
  return required((raw) => {
    if (typeof raw === "boolean") return raw;
    const value = String(raw);
    if (!/^[01]$/.test(value)) throw new Fault(`type check ('boolean') failed - got '${value}'`);
    return value === "1";
  });
}

/** One of these texts. */
export function oneOf<const T extends string>(...values: readonly T[]): Parameter<T> {
  return required((raw) => {
    const found = values.find((value) => value === raw);
    if (found !== undefined) return found;
    throw new Fault(
      `value '${raw}' does not have a value in the enumeration '${values.join(", ")}'`,
    );
  });
}

/** Texts: a JSON array, or a form field that may be repeated. */
export function texts(): Parameter<readonly string[]> {
  return required((raw) => (Array.isArray(raw) ? raw.map(String) : [String(raw)]));
}

/** The number of a guest. */
export function vmid(): Parameter<number> {
  const number = integer();
  return required((raw) => {
    const value = number.read(raw);
    if (value >= 100 && value <= 999_999_999) return value;
    throw new Fault("invalid format - value does not look like a valid VM ID\n");
  });
}

/** The name of a node. */
export function nodeName(): Parameter<string> {
  return text(
    /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
    () => "value does not look like a valid node name",
  );
}

/** A DNS name. */
export function dnsName(): Parameter<string> {
  const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  return text(
    new RegExp(`^${label}(?:\\.${label})*$`),
    () => "value does not look like a valid DNS name",
  );
}

/** The name of a storage. */
export function storageId(): Parameter<string> {
  return text(
    /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i,
    (value) => `storage ID '${value}' contains illegal characters`,
  );
}

/** The name of a snapshot. */
export function configurationId(): Parameter<string> {
  return text(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`);
}

/**
 * Checks parameters against a schema.
 *
 * @throws Refusal that names every parameter at fault.
 */
export function checkParameters<S extends Schema>(
  schema: S,
  raw: Readonly<Record<string, Raw>>,
): Values<S> {
  const errors: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(schema)) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (given === undefined) {
      if (!parameter.optional) errors[name] = "property is missing and it is not optional";
      continue;
    }
    try {
      values[name] = parameter.read(given);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      errors[name] = error.message;
    }
  }
  for (const name of Object.keys(raw).filter((key) => !Object.hasOwn(schema, key))) {
    errors[name] =
      "property is not defined in schema and the schema does not allow additional properties";
  }
  if (Object.keys(errors).length > 0) throw invalid(errors);
  return values as Values<S>;
}
