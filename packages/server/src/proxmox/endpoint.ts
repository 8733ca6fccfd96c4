/**
 * One call of the Proxmox API as a value: what it is, where it is, and what it needs. Tools name the
 * endpoints that they use; docs/api-calls.md is made of them, and nothing else can be called.
 */

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A privilege that an endpoint needs. */
export interface Need {
  /** One of these is enough: names changed between releases of Proxmox VE. */
  readonly anyOf: readonly [string, ...string[]];
  /** The path of the access control list, with placeholders: of the endpoint's path, or parameters. */
  readonly on: string;
}

/** Declares a need of one of these privileges. */
export function need(on: string, ...anyOf: [string, ...string[]]): Need {
  return { anyOf, on };
}

/** The path that a need is on, its placeholders filled; one without a value stays. */
export function pathOf({ on }: Need, values: Readonly<Record<string, unknown>>): string {
  return on.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** An endpoint below `/api2/json`. */
export interface Endpoint<Path extends string = string, Parameter extends string = string> {
  readonly method: Method;
  /** Path with placeholders, as in `/nodes/{node}/qemu/{vmid}/status/current`. */
  readonly path: Path;
  /** Names of its query parameters (GET, DELETE) or form fields (POST, PUT) that we use. */
  readonly parameters: readonly Parameter[];
  /** All of them are needed. Empty: any caller who is known may call. */
  readonly needs: readonly Need[];
  /** The answer holds only what the caller may see, instead of a refusal. */
  readonly filtered: boolean;
}

/** The placeholders of a path. */
export type Placeholder<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** A value for every placeholder of a path. */
export type PathValues<Path extends string> = Readonly<Record<Placeholder<Path>, string | number>>;

/** What a parameter may be: booleans are sent as 1 and 0, arrays as repeated keys. */
export type ParameterValue = string | number | boolean | readonly string[];

/** An endpoint that reads. */
export function reads<const Path extends string, const Parameter extends string = never>(
  path: Path,
  {
    parameters = [],
    needs = [],
    filtered = false,
  }: Partial<Pick<Endpoint<Path, Parameter>, "parameters" | "needs" | "filtered">> = {},
): Endpoint<Path, Parameter> {
  return { method: "GET", path, parameters, needs, filtered };
}

/** An endpoint that changes something or starts work. */
export function writes<const Path extends string, const Parameter extends string = never>(
  method: Exclude<Method, "GET">,
  path: Path,
  { parameters = [], needs = [] }: Partial<Pick<Endpoint<Path, Parameter>, "parameters" | "needs">>,
): Endpoint<Path, Parameter> {
  return { method, path, parameters, needs, filtered: false };
}
