import { describe, expect, test } from "vitest";
import { type Grantee, grantsFor } from "../../src/health/online/grants.ts";
import { missingPrivileges } from "../../src/health/online/missing-privileges.ts";
import type { Need } from "../../src/proxmox/endpoint.ts";
import type { Permissions } from "../../src/proxmox/permissions.ts";

const GUEST: Need = { anyOf: ["VM.Audit"], on: "/vms/{vmid}" };
const AGENT: Need = { anyOf: ["VM.GuestAgent.Audit", "VM.Monitor"], on: "/vms/{vmid}" };
const CLUSTER: Need = { anyOf: ["Sys.Audit"], on: "/" };

function commands(
  granted: Permissions,
  needs: readonly Need[],
  { user = "joe@pve", tokenName, release = "9.2.11" }: Partial<Grantee> & { release?: string } = {},
): readonly string[] {
  const missing = missingPrivileges(granted, needs);
  const facts = { granted, grantee: { user, tokenName }, release, needs };
  return grantsFor(missing, facts).flatMap(({ commands: all, forUser }) => [
    ...all,
    ...(forUser === undefined ? [] : [`if lacking: ${forUser}`]),
  ]);
}

describe("the commands", () => {
  test("give one role with all that is missing", () => {
    expect(commands({}, [GUEST, CLUSTER, AGENT])).toEqual([
      "pveum role add ProxmoxMcp-Sys.Audit-VM.Audit-VM.GuestAgent.Audit --privs Sys.Audit,VM.Audit,VM.GuestAgent.Audit",
      "pveum acl modify / --users joe@pve --roles ProxmoxMcp-Sys.Audit-VM.Audit-VM.GuestAgent.Audit",
    ]);
  });

  test("give it to a token, and to its user only where that one lacks it", () => {
    expect(commands({}, [GUEST], { tokenName: "mcp" }).slice(1)).toEqual([
      "pveum acl modify / --tokens 'joe@pve!mcp' --roles ProxmoxMcp-VM.Audit",
      "if lacking: pveum acl modify / --users joe@pve --roles ProxmoxMcp-VM.Audit",
    ]);
  });

  test("keep what the tools have there already, which an entry may hide", () => {
    const granted = { "/": { "VM.Audit": true }, "/vms": { "VM.Audit": true } };
    expect(commands(granted, [GUEST, CLUSTER, AGENT])[0]).toMatch(
      / --privs Sys\.Audit,VM\.Audit,VM\.GuestAgent\.Audit$/,
    );
  });

  test("give on a path what is needed there and below", () => {
    const granted = { "/": { "Sys.Audit": true }, "/vms": { "VM.PowerMgmt": true } };
    expect(commands(granted, [GUEST, CLUSTER])).toEqual([
      "pveum role add ProxmoxMcp-VM.Audit --privs VM.Audit",
      "pveum acl modify /vms --users joe@pve --roles ProxmoxMcp-VM.Audit",
    ]);
  });

  test("give nothing to root@pam, who has everything", () => {
    expect(commands({}, [GUEST], { user: "root@pam", tokenName: "mcp" }).slice(1)).toEqual([
      "pveum acl modify / --tokens 'root@pam!mcp' --roles ProxmoxMcp-VM.Audit",
    ]);
  });

  test("name what the release knows", () => {
    expect(commands({}, [AGENT], { release: "8.4.1" })[0]).toContain("--privs VM.Monitor");
    expect(commands({}, [AGENT], { release: "9.0" })[0]).toContain("--privs VM.GuestAgent.Audit");
    expect(commands({}, [AGENT], { release: "10.0" })[0]).toContain("--privs VM.GuestAgent.Audit");
  });

  test("add to an entry below the root, which would hide one at the root", () => {
    const granted = { "/": { "Sys.Audit": true }, "/vms": { "VM.PowerMgmt": true } };
    expect(commands(granted, [GUEST])[1]).toContain("pveum acl modify /vms --users");
  });

  test("add to the entry at the root where everything comes from there", () => {
    const granted = { "/": { "Sys.Audit": true }, "/vms": { "Sys.Audit": true } };
    expect(commands(granted, [GUEST])[1]).toContain("pveum acl modify / --users");
  });

  test("add to the entries that lack it while all others have it", () => {
    const granted = { "/vms": { "VM.Audit": true }, "/vms/100": { "VM.PowerMgmt": true } };
    expect(commands(granted, [GUEST])[1]).toContain("pveum acl modify /vms/100 --users");
  });

  test("survive a shell, whatever a user is called", () => {
    const [, command] = commands({}, [GUEST], { user: "o'neil;x@pve" });
    expect(command).toBe(
      "pveum acl modify / --users 'o'\\''neil;x@pve' --roles ProxmoxMcp-VM.Audit",
    );
  });
});
