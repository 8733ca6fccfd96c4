/** The report of `test-connection` as text for people, and as JSON. */
import { formatError, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { errorJson, printable } from "@proxmox-mcp/crypto/internal";
import { formatWarning, warningJson } from "../render.ts";
import type { ConnectionReport } from "./connection-report.ts";
import type { Grant } from "./grants.ts";
import { rightsLines } from "./render-rights.ts";
import type { Lack } from "./rights.ts";
import { certificateText, releaseText, rightsText, TLS_MODES } from "./wording.ts";

/**
 * A line for each fact, then problems and warnings, and the verdict at the end.
 *
 * @param isVerbose tells how the connection is protected, too.
 */
export function connectionText(report: ConnectionReport, isVerbose: boolean): string {
  const { exitStatus, target, version, rights, problems, lack, warnings } = report;
  const facts = [
    ...factsOf(report),
    ...(isVerbose ? [...protectionOf(report), ...rightsOf(report)] : []),
  ];
  const lines = [
    ...facts.map(([name, value]) => `${name.padEnd(14)} ${value}`),
    ...problems.filter((problem) => problem !== lack).map(formatError),
    ...(lack && rights && target
      ? [formatError(unhinted(lack)), ...rightsLines(rights, target.identity)]
      : []),
    ...warnings.map(formatWarning),
    ...(exitStatus === 0 ? ["Connected."] : []),
    ...(exitStatus !== 0 && version !== undefined ? ["Connected, with problems."] : []),
    ...(exitStatus !== 0 && version === undefined ? ["Not connected."] : []),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** What is missing comes with lines of its own. */
function unhinted({ code, message }: ProxmoxMcpError): ProxmoxMcpError {
  return new ProxmoxMcpError(code, message);
}

type Fact = readonly [name: string, value: string];

function factsOf({ target, peer, version }: ConnectionReport): readonly Fact[] {
  if (target === undefined) return [];
  const { asked, host, user, tokenName } = target;
  const isNamed = peer !== undefined && peer.address !== host;
  return [
    ["Server", isNamed ? `${asked} (${peer.address})` : asked],
    ...fact("Version", version && releaseText(version)),
    ["User", user],
    ["Token", tokenName ?? "none: a password is used"],
    ...fact("Response time", version && `${Math.round(version.responseTime)} ms`),
  ];
}

function protectionOf({ target, peer }: ConnectionReport): readonly Fact[] {
  if (target === undefined || peer === undefined) return [];
  const { protocol, certificate } = peer;
  return [
    ["TLS", `${protocol}, ${TLS_MODES[target.tlsMode]}`],
    ["Certificate", certificateText(certificate)],
    ["Fingerprint", certificate.fingerprint],
  ];
}

function rightsOf({ inventory, rights }: ConnectionReport): readonly Fact[] {
  return [
    ...fact("Nodes", inventory && `${inventory.nodes.online} of ${inventory.nodes.total} online`),
    ...fact("Storages", inventory && String(inventory.storages)),
    ...fact("Permissions", rights && rightsText(rights)),
  ];
}

function fact(name: string, value: string | undefined): readonly Fact[] {
  return value === undefined ? [] : [[name, value]];
}

/**
 * The report as JSON, a stable shape: keys are added in minor versions, none is removed or changes
 * its meaning. What is not known is null; without `-v` that goes for the last four.
 *
 *   ok, exitStatus,
 *   server          { host, port, address }
 *   version         { version, release, repoid }
 *   user            "name@realm"
 *   token           its name, and null for a login by password
 *   responseTimeMs  of GET /version, with its connection
 *   tls             { mode ("public" | "ca" | "fingerprint" | "unverified"), protocol,
 *                     certificate { subject, issuer, selfSigned, expires (ISO 8601), fingerprint } }
 *   nodes           { total, online }
 *   storages        how many, by name
 *   permissions     { needed, missing, partly and spared [{ privilege, path, only, except, tools }],
 *                     grants and widenings [{ path, role, privileges, commands, forUser }] }
 *   problems and warnings [{ code, message, file, location, line, column, hint }], where the parts
 *                     of the place that do not apply are left out
 */
export function connectionJson(report: ConnectionReport): string {
  const { exitStatus, target, peer, version, inventory, problems, warnings } = report;
  const shape = {
    ok: exitStatus === 0,
    exitStatus,
    server: target && { host: target.host, port: target.port, address: peer?.address ?? null },
    version: version && {
      version: version.version,
      release: version.release ?? null,
      repoid: version.repoid ?? null,
    },
    user: target?.user,
    token: target?.tokenName,
    responseTimeMs: version && Math.round(version.responseTime),
    tls: target && {
      mode: target.tlsMode,
      protocol: peer?.protocol ?? null,
      certificate: certificateJson(report),
    },
    nodes: inventory?.nodes,
    storages: inventory?.storages,
    permissions: permissionsJson(report),
    problems: problems.map(errorJson),
    warnings: warnings.map(warningJson),
  };
  const complete = Object.entries(shape).map(([name, value]) => [name, value ?? null]);
  return `${JSON.stringify(Object.fromEntries(complete), null, 2)}\n`;
}

function certificateJson({ peer }: ConnectionReport): object | null {
  if (peer === undefined) return null;
  const { subject, issuer, selfSigned, expires, fingerprint } = peer.certificate;
  return { subject, issuer, selfSigned, expires: expires.toISOString(), fingerprint };
}

function permissionsJson({ rights }: ConnectionReport): object | undefined {
  if (rights === undefined) return undefined;
  const { needed, missing, partly, spared, grants, widenings } = rights;
  return {
    needed,
    missing: missing.map(lackJson),
    partly: partly.map(lackJson),
    spared: spared.map(lackJson),
    grants: grants.map(grantJson),
    widenings: widenings.map(grantJson),
  };
}

function lackJson({ privilege, need, path, only, except }: Lack): object {
  return { privilege, path, only, except, tools: need.tools };
}

function grantJson({ path, role, privileges, commands, forUser }: Grant): object {
  return { path, role, privileges, commands, forUser: forUser ?? null };
}
