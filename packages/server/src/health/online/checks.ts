/** What an examination comes to, as checks that follow the offline ones. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { ReportedCheck, ReportedWarning } from "../check.ts";
import type { Examination } from "./examine.ts";
import { missingProblem, privilegeWarnings } from "./privilege-findings.ts";
import { certificateText, releaseText, rightsText, TLS_MODES } from "./wording.ts";

/** The checks, in their order. Each presumes those before it. */
const CHECK_NAMES = ["connection", "version", "permissions"] as const;
type CheckName = (typeof CHECK_NAMES)[number];

/** What was found at one of them; `undefined` where there was nothing to look at. */
interface Finding {
  readonly summary: string;
  readonly problem?: ProxmoxMcpError | undefined;
  readonly warnings?: readonly ReportedWarning[];
}

/** @param found `undefined` where nothing was asked: all checks are skipped. */
export function onlineChecks(
  found: Examination | undefined,
  tlsWarning: string | undefined,
): readonly ReportedCheck[] {
  return CHECK_NAMES.map((name) => checkOf(name, found && findingOf(name, found, tlsWarning)));
}

function findingOf(
  name: CheckName,
  found: Examination,
  tlsWarning: string | undefined,
): Finding | undefined {
  switch (name) {
    case "connection":
      return connection(found, tlsWarning);
    case "version":
      return version(found);
    case "permissions":
      return permissions(found);
  }
}

function connection(
  { peer, obstacle, tlsMode }: Examination,
  tlsWarning: string | undefined,
): Finding {
  if (obstacle !== undefined || peer === undefined) return { summary: "", problem: obstacle };
  const { address, protocol, certificate } = peer;
  return {
    summary: `${address}, ${protocol}, certificate ${certificateText(certificate)}, ${TLS_MODES[tlsMode]}`,
    warnings:
      tlsWarning === undefined
        ? []
        : [{ code: "TLS_UNVERIFIED", message: tlsWarning, where: { location: VERIFY_SSL } }],
  };
}

const VERIFY_SSL = "/proxmox/verify_ssl";

function version({ version: answered, identity }: Examination): Finding | undefined {
  if (answered === undefined) return undefined;
  if (answered instanceof ProxmoxMcpError) return { summary: "", problem: answered };
  const { responseTime } = answered;
  return { summary: `${releaseText(answered)} for ${identity} in ${Math.round(responseTime)} ms` };
}

function permissions({ rights, identity }: Examination): Finding | undefined {
  if (rights === undefined) return undefined;
  if (rights instanceof ProxmoxMcpError) return { summary: "", problem: rights };
  return {
    summary: rightsText(rights),
    problem: missingProblem(rights, identity),
    warnings: privilegeWarnings(rights, identity),
  };
}

function checkOf(name: CheckName, finding: Finding | undefined): ReportedCheck {
  if (finding === undefined) {
    return { name, status: "skipped", summary: "not checked", problems: [], warnings: [] };
  }
  const { summary, problem, warnings = [] } = finding;
  if (problem !== undefined) {
    return { name, status: "failed", summary: "1 problem", problems: [problem], warnings };
  }
  return { name, status: warnings.length > 0 ? "warning" : "ok", summary, problems: [], warnings };
}
