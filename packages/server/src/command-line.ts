/** Reading command lines: what the commands of this program have in common. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { didYouMean } from "@proxmox-mcp/crypto/internal";

/** The options that a command has, by their names without dashes. */
export type OptionTable = Readonly<NonNullable<ParseArgsConfig["options"]>>;

/** Arguments, taken apart. */
export interface CommandLine<Table extends OptionTable> {
  readonly values: Readonly<Partial<Record<keyof Table, unknown>>>;
  readonly positionals: readonly string[];
}

/**
 * Takes arguments apart.
 *
 * @param how where people read what there is.
 * @throws ProxmoxMcpError USAGE for an option that there is not, or one whose value is missing or none
 * of its.
 */
export function readCommandLine<Table extends OptionTable>(
  argv: readonly string[],
  options: Table,
  how: string,
): CommandLine<Table> {
  const table: OptionTable = options;
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: table,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "option") requireOption(table, token, how);
  }
  return { values: values as CommandLine<Table>["values"], positionals };
}

interface GivenOption {
  readonly name: string;
  /** As it was written. */
  readonly rawName: string;
  readonly value?: string | undefined;
}

function requireOption(options: OptionTable, option: GivenOption, how: string): void {
  const { name, rawName, value } = option;
  const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
  if (type === undefined) {
    const known = Object.keys(options).map((each) => `--${each}`);
    // What looks like no option may be a secret that went astray.
    const shown = /^--?[a-z][a-z-]{0,31}$/.test(rawName) ? ` ${rawName}` : "";
    throw usage(`unknown option${shown}${didYouMean(rawName, known)}`, how);
  }
  if (type === "boolean" && value !== undefined) throw usage(`${rawName} takes no value`, how);
  if (type === "string" && (value === undefined || value === "")) {
    throw usage(`${rawName} wants a value`, how);
  }
}

/** The value of an option that takes a text; `undefined` where it was not given. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** USAGE. */
export function usage(message: string, hint: string): ProxmoxMcpError {
  return new ProxmoxMcpError("USAGE", message, { hint });
}
