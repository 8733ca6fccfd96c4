import { describe, expect, test } from "vitest";
import { missingProblem, privilegeWarnings } from "../../src/health/online/privilege-findings.ts";
import { type Rights, rightsOf } from "../../src/health/online/rights.ts";
import { rightsText } from "../../src/health/online/wording.ts";
import type { Permissions } from "../../src/proxmox/permissions.ts";
import { TOOLS } from "../../src/tools/index.ts";

const READING = TOOLS.filter(({ effect }) => effect === "read");
const RUNNING = TOOLS.filter(({ effect }) => effect === "run-command");
const AUDIT = { "Sys.Audit": true, "VM.Audit": true, "Datastore.Audit": true };
const everywhere = (privileges: Record<string, boolean>): Permissions =>
  Object.fromEntries(["/", "/nodes", "/storage", "/vms"].map((path) => [path, privileges]));

function rights(tools: typeof TOOLS, granted: Permissions, release: string): Rights {
  return rightsOf(tools, { granted, release, grantee: { user: "joe@pve", tokenName: "t" } });
}

describe("before Proxmox VE 9", () => {
  test("tools that read do not ask for VM.Monitor, which runs commands", () => {
    const found = rights(READING, everywhere(AUDIT), "8.4.1");
    expect(missingProblem(found, "joe@pve!t")).toBeUndefined();
    expect(found.grants).toEqual([]);
    expect(privilegeWarnings(found, "joe@pve!t")).toMatchObject([{ code: "PRIVILEGE_SPARED" }]);
    expect(rightsText(found)).toMatch(/1 better not given$/);
  });

  test("nor do the commands that give the rest contain it", () => {
    const { grants } = rights(READING, {}, "8.4.1");
    expect(grants.map(({ privileges }) => privileges)).toEqual([
      ["Datastore.Audit", "Sys.Audit", "VM.Audit"],
    ]);
  });

  test("the tool that runs commands asks for it", () => {
    const found = rights([...READING, ...RUNNING], everywhere(AUDIT), "8.4.1");
    expect(found.missing.map(({ privilege }) => privilege)).toEqual(["VM.Monitor"]);
  });
});

test("from 9 on the guest agent may be asked with less", () => {
  const found = rights(READING, everywhere(AUDIT), "9.0.3");
  expect(found.missing).toMatchObject([{ privilege: "VM.GuestAgent.Audit", path: "/vms" }]);
  const all = { ...AUDIT, "VM.GuestAgent.Audit": true };
  expect(rightsText(rights(READING, everywhere(all), "9.0.3"))).toMatch(/^all \d+ /);
});
