/**
 * The health report: what loading a config found, sorted into checks.
 *
 * A check fails exactly where the server would not start; everything else that is worth a word is a
 * warning. The exit status is that of the first problem of the first failed check.
 */

import { type DocumentFormat, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { type ConfigSecret, locatorOf } from "@proxmox-mcp/crypto/config";
import type { LoadedKeys } from "@proxmox-mcp/crypto/files";
import { EXIT_STATUS, whereOf } from "@proxmox-mcp/crypto/internal";
import type { LoadedConfig } from "../config/load.ts";
import type { Serving } from "../config/transport.ts";
import { counted } from "../counted.ts";
import { accessProblems, accessWarnings } from "./access-problems.ts";
import {
  CHECK_NAMES,
  type Check,
  type CheckName,
  checkOfProblem,
  checkOfWarning,
  type HealthWarning,
} from "./check.ts";
import { unreadablePatterns } from "./command-patterns.ts";
import { warnOfModes } from "./modes.ts";
import { type Facts, summaryOf } from "./summary.ts";
import { tlsContradiction } from "./tls-contradiction.ts";

export interface Report {
  /** 0 where the server would start. */
  readonly exitStatus: number;
  readonly config: string | undefined;
  readonly format: DocumentFormat | undefined;
  /** Where the master key came from, and its id. */
  readonly key: { readonly source: string; readonly id: string | undefined } | undefined;
  readonly checks: readonly Check[];
  readonly secrets: readonly ConfigSecret[];
}

/** Makes the report. */
export function reportOf(loaded: LoadedConfig, serving: Serving): Report {
  const facts = factsOf(loaded);
  const { file, keys, resolution } = facts;
  const findings = findingsOf(facts, serving);
  const problems = [
    ...[loaded.file, loaded.document].filter((part) => part instanceof ProxmoxMcpError),
    ...keyProblem(loaded),
    ...(resolution?.problems ?? []),
    ...findings.problems,
  ];
  const warnings: HealthWarning[] = [
    ...weakKey(keys),
    ...(resolution?.warnings ?? []),
    ...findings.warnings,
    ...warnOfModes(file, resolution?.secrets ?? [], keys),
  ];
  const checks = CHECK_NAMES.map((name) =>
    checkOf(name, facts, {
      problems: [...new Set(problems)].filter((problem) => checkOfProblem(problem) === name),
      warnings: warnings.filter((warning) => checkOfWarning(warning) === name),
    }),
  );
  const [first] = checks.flatMap((check) => check.problems);
  return {
    exitStatus: first === undefined ? 0 : EXIT_STATUS[first.code],
    config: loaded.path === "" ? undefined : loaded.path,
    format: facts.document?.format,
    key: keys === undefined ? undefined : { source: keys.source.from, id: keys.keys.active.id },
    checks,
    secrets: resolution?.secrets ?? [],
  };
}

/** What is wrong with a config that is complete as the schema wants it. */
function findingsOf(
  { file, document, resolution }: Facts,
  serving: Serving,
): Pick<Check, "problems" | "warnings"> {
  const config = resolution?.config;
  if (config === undefined || document === undefined) return { problems: [], warnings: [] };
  const locate = locatorOf(document, file?.path);
  return {
    problems: [
      ...unreadablePatterns(config, locate),
      ...tlsContradiction(config, locate),
      ...accessProblems(config, locate, serving),
    ],
    warnings: accessWarnings(config, locate, serving),
  };
}

function factsOf({ file, document, keys, resolution }: LoadedConfig): Facts {
  return {
    file: file instanceof ProxmoxMcpError ? undefined : file,
    document: document instanceof ProxmoxMcpError ? undefined : document,
    keys: keys instanceof ProxmoxMcpError ? undefined : keys,
    resolution,
  };
}

function checkOf(
  name: CheckName,
  facts: Facts,
  findings: Pick<Check, "problems" | "warnings">,
): Check {
  const { problems, warnings } = findings;
  if (problems.length > 0) {
    return { name, status: "failed", summary: counted(problems.length, "problem"), ...findings };
  }
  const summary = summaryOf(name, facts, warnings.length);
  if (summary === undefined)
    return { name, status: "skipped", summary: "not checked", ...findings };
  return { name, status: warnings.length > 0 ? "warning" : "ok", summary, ...findings };
}

/** No key at all is a problem only for a config with tokens, and then the resolution names it. */
function keyProblem({ keys }: LoadedConfig): readonly ProxmoxMcpError[] {
  return keys instanceof ProxmoxMcpError && keys.code !== "KEY_MISSING" ? [keys] : [];
}

function weakKey(keys: LoadedKeys | undefined): readonly HealthWarning[] {
  const weakness = keys?.keys.active.weakness;
  if (keys === undefined || weakness === undefined) return [];
  const { source } = keys;
  return [
    {
      code: "WEAK_KEY",
      message: `the master key in ${source.from} ${weakness}; nothing can be sealed with it`,
      where: whereOf(source),
      hint: "move what it opens to a new key with `proxmox-mcp-encrypt rotate-key FILE`, with `--new-key-out NEW_KEY_FILE` where the key is in no file",
    },
  ];
}
