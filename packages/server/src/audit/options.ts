/** The command line of `proxmox-mcp-server audit`. */
import { didYouMean, withKeyringAccount } from "@proxmox-mcp/crypto/internal";
import { readCommandLine, textOf, usage } from "../command-line.ts";

export const ACTIONS = ["tail", "verify", "export"] as const;
export type Action = (typeof ACTIONS)[number];

/** What was asked for. */
export interface AuditOptions {
  readonly action: Action | "help";
  /** Empty where they are to be looked up in the config. */
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly keyFiles: readonly string[];
  readonly keyEnv: string | undefined;
  /** The account of a keyring entry. */
  readonly keyring: string | undefined;
  readonly json: boolean;
  /** With `tail`: how many lines. */
  readonly lines: number;
  readonly follow: boolean;
  /** With `verify`: whether what may be as it should be while servers run is a finding. */
  readonly ended: boolean;
  /** With `export`. */
  readonly format: "json" | "csv";
  readonly filter: Filter;
}

/** Which lines are wanted; what is not given excludes none. */
export interface Filter {
  readonly since?: Date | undefined;
  /** Lines of this moment are none of those. */
  readonly until?: Date | undefined;
  readonly tool?: string | undefined;
  /** The name of an API key. */
  readonly client?: string | undefined;
}

const HOW = "see proxmox-mcp-server audit --help";

const OPTIONS = {
  lines: { type: "string", short: "n" },
  follow: { type: "boolean", short: "f" },
  ended: { type: "boolean" },
  format: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  tool: { type: "string" },
  client: { type: "string" },
  json: { type: "boolean" },
  config: { type: "string" },
  "key-file": { type: "string", multiple: true },
  "key-env": { type: "string" },
  keyring: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const GOES_WITH: Readonly<Partial<Record<keyof typeof OPTIONS, readonly Action[]>>> = {
  lines: ["tail"],
  follow: ["tail"],
  json: ["tail", "verify"],
  ended: ["verify"],
  "key-file": ["verify"],
  "key-env": ["verify"],
  keyring: ["verify"],
  format: ["export"],
  since: ["export"],
  until: ["export"],
  tool: ["export"],
  client: ["export"],
};

/** The text of `audit --help`. */
export const HELP = `Usage: proxmox-mcp-server audit tail [-n N] [-f] [--json] [FILE]
       proxmox-mcp-server audit verify [--ended] [--json] [--key-file FILE]... [FILE...]
       proxmox-mcp-server audit export [--format json|csv] [filters] [FILE...]

Reads audit logs. Without FILE it is the one that audit.file of the config names. Files that were
rotated are named in their order, the oldest first.

tail prints the last lines, for people.
  -n, --lines N     how many (default: 10)
  -f, --follow      go on with lines as they come, also when the file is rotated
  --json            print lines as they are

verify tells whether all lines are there, in their order and as they were written.
  --key-file FILE   read the master key from a file; give an archived key, too, with another one
  --key-env NAME    read the master key from a variable
  --keyring[=NAME]  read the master key from the system's keyring (default: the entry master-key)
  --ended           the servers have all been stopped: count a chain without end as a finding, and
                    one that begins under a key that was replaced before
  --json            print findings and notes as JSON

export prints lines for other programs. It does not verify them.
  --format NAME     json, an array (default), or csv, a table for spreadsheets
  --since TIME      from then on: 2026-01-31, or 2026-01-31T12:00:00Z
  --until TIME      before then
  --tool NAME       calls of one tool
  --client NAME     calls of one client, by the name of its API key

  --config FILE     the config that names the file (default: $PROXMOX_MCP_CONFIG)
  -h, --help        print this help

verify finds the master key as the server does: --key-file, --key-env or --keyring, else the
environment.

Examples:
  proxmox-mcp-server audit tail -f /var/log/proxmox-mcp/audit.log
  proxmox-mcp-server audit verify --config config.json
  proxmox-mcp-server audit verify --key-file key --key-file key.2025 audit.log.1 audit.log
  proxmox-mcp-server audit export --format csv --since 2026-01-01 --tool delete_vm audit.log

Exit status: 0 done, or with verify all is whole; 2 usage; 3 key missing or unusable; 5 file missing
or unreadable; 7 verify has findings, or export has left out what are no lines; 8 output failed.
`;

/** Reads the arguments after `audit`. @throws ProxmoxMcpError USAGE */
export function parseAuditOptions(argv: readonly string[]): AuditOptions {
  const { values, positionals } = readCommandLine(withKeyringAccount(argv), OPTIONS, HOW);
  const [named, ...files] = positionals;
  const action = values.help === true ? "help" : actionOf(named);
  if (action !== "help") requireFitting(action, Object.keys(values));
  if (action === "tail" && files.length > 1) throw usage("tail reads one file", "name one file");
  return {
    action,
    files,
    config: textOf(values.config),
    keyFiles: [values["key-file"] ?? []].flat().filter((path) => typeof path === "string"),
    keyEnv: textOf(values["key-env"]),
    keyring: textOf(values.keyring),
    json: values.json === true,
    lines: linesOf(textOf(values.lines)),
    follow: values.follow === true,
    ended: values.ended === true,
    format: formatOf(textOf(values.format)),
    filter: {
      since: timeOf("since", textOf(values.since)),
      until: timeOf("until", textOf(values.until)),
      tool: textOf(values.tool),
      client: textOf(values.client),
    },
  };
}

function actionOf(named: string | undefined): Action {
  const action = ACTIONS.find((name) => name === named);
  if (action !== undefined) return action;
  const wanted = "audit wants tail, verify or export";
  if (named === undefined) throw usage(wanted, HOW);
  throw usage(`${wanted}${didYouMean(named, ACTIONS)}`, HOW);
}

/** A switch in the wrong place must not look as if it had worked. */
function requireFitting(action: Action, given: readonly string[]): void {
  for (const [name, actions] of Object.entries(GOES_WITH)) {
    if (!given.includes(name) || actions.includes(action)) continue;
    throw usage(`--${name} goes with ${actions.join(" and ")}`, HOW);
  }
}

function linesOf(text = "10"): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage("--lines wants a whole number", HOW);
}

function formatOf(text = "json"): "json" | "csv" {
  if (text === "json" || text === "csv") return text;
  throw usage("--format wants json or csv", HOW);
}

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function timeOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (TIME.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(time.getTime())) return time;
  const hint = "write it as 2026-01-31, which begins in UTC, or as 2026-01-31T12:00:00Z";
  throw usage(`--${name} wants a time`, hint);
}

// JavaScript takes 31 February for 3 March.
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
