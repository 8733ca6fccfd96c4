/** The arguments of a call, checked, with refusals in our own words. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { didYouMean } from "@proxmox-mcp/crypto/internal";
import { z } from "zod";
import type { Tool } from "../tools/tool.ts";

/**
 * Checks the arguments of a call by the tool's schema. Every fault is named at once. An optional
 * argument that is null counts as left out: many clients send it so.
 *
 * @throws ProxmoxMcpError USAGE
 */
export function parseArguments<Input extends z.ZodObject>(
  { name, input }: Pick<Tool<Input>, "name" | "input">,
  args: Readonly<Record<string, unknown>>,
): z.output<Input> {
  const parsed = input.safeParse(withoutNulls(args, input));
  if (parsed.success) return parsed.data;
  const known = Object.keys(input.shape);
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, args, known));
  throw new ProxmoxMcpError("USAGE", `${name}: ${[...new Set(faults)].join("; ")}`, {
    hint: known.length === 0 ? `${name} takes no arguments` : `${name} takes ${usage(input)}`,
  });
}

function withoutNulls(
  args: Readonly<Record<string, unknown>>,
  { shape }: z.ZodObject,
): Readonly<Record<string, unknown>> {
  const isLeftOut = ([name, value]: [string, unknown]) =>
    value === null && Object.hasOwn(shape, name) && isOptional(shape[name]);
  return Object.fromEntries(Object.entries(args).filter((entry) => !isLeftOut(entry)));
}

function isOptional(schema: z.core.$ZodType | undefined): boolean {
  return schema !== undefined && z.safeParse(schema, undefined).success;
}

// The message of every argument's schema says what the argument must be.
function faultsOf(
  issue: z.core.$ZodIssue,
  args: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    const more = issue.keys.length - MOST_NAMES;
    return [
      ...issue.keys
        .slice(0, MOST_NAMES)
        .map((key) => `unknown argument ${short(key)}${didYouMean(key, known)}`),
      ...(more > 0 ? [`${more} more unknown arguments`] : []),
    ];
  }
  const argument = String(issue.path[0] ?? "");
  if (args[argument] === undefined) return [`${argument} is missing: ${issue.message}`];
  return [`${argument} is not ${issue.message}`];
}

const LONGEST_NAME = 64;
/** A body holds many more than anybody reads. */
const MOST_NAMES = 10;

function short(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

function usage({ shape }: z.ZodObject): string {
  return Object.entries(shape)
    .map(([name, schema]) => (isOptional(schema) ? `${name}?` : name))
    .join(", ");
}
