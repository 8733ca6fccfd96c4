/** The access control list, entry by entry. */
import { expect, test } from "vitest";
import type { AccessControl, Grant } from "../../src/simulator/access-control.ts";
import { effectivePermissions, privilegesAt } from "../../src/simulator/permissions.ts";

/** A short grant: `user bob@pve Reader /vms`, with `!` at the end where it does not propagate. */
function grant(text: string): Grant {
  const [type = "", ugid = "", roleid = "", path = ""] = text.split(" ");
  const propagate = !path.endsWith("!");
  return { type: type as Grant["type"], ugid, roleid, path: path.replace("!", ""), propagate };
}

function control(...grants: readonly string[]): AccessControl {
  const token = { secret: "example", privsep: true, expire: 0, comment: undefined };
  const user = {
    ...{ enable: true, expire: 0, comment: undefined, password: undefined },
    ...{ groups: ["team"], tokens: { t1: token }, secondFactors: [] },
  };
  return {
    users: { "bob@pve": user },
    grants: grants.map(grant),
    roles: { Reader: ["VM.Audit"], Starter: ["VM.PowerMgmt"], NoAccess: [] },
  };
}

const names = (access: AccessControl, userid: string, path: string) =>
  [...privilegesAt(access, userid, path).keys()].sort().join();

test.each<[string, readonly string[], string, string]>([
  ["reaches down", ["user bob@pve Reader /"], "/vms/100", "VM.Audit"],
  ["does not reach up", ["user bob@pve Reader /vms"], "/", ""],
  ["is no prefix", ["user bob@pve Reader /vms/10"], "/vms/100", ""],
  ["stays where it does not propagate", ["user bob@pve Reader /vms!"], "/vms/100", ""],
  ["counts at its own path then", ["user bob@pve Reader /vms!"], "/vms", "VM.Audit"],
  [
    "adds up at one path",
    ["user bob@pve Reader /", "user bob@pve Starter /"],
    "/vms",
    "VM.Audit,VM.PowerMgmt",
  ],
  [
    "replaces what is above",
    ["user bob@pve Reader /", "user bob@pve Starter /vms"],
    "/vms/1",
    "VM.PowerMgmt",
  ],
  ["is of a group too", ["group team Reader /"], "/vms", "VM.Audit"],
  [
    "is of the user first",
    ["group team Reader /", "user bob@pve Starter /"],
    "/vms",
    "VM.PowerMgmt",
  ],
  [
    "of a group replaces one of the user above",
    ["user bob@pve Starter /", "group team Reader /vms"],
    "/vms",
    "VM.Audit",
  ],
  ["takes all away", ["user bob@pve Reader /", "user bob@pve NoAccess /vms"], "/vms/1", ""],
  [
    "takes away what the same path gives",
    ["user bob@pve Reader /", "user bob@pve NoAccess /"],
    "/",
    "",
  ],
  [
    "is of no other",
    ["user eve@pve Reader /", "group others Reader /", "token bob@pve!t1 Reader /"],
    "/",
    "",
  ],
])("a grant %s", (_, grants, path, expected) => {
  expect(names(control(...grants), "bob@pve", path)).toBe(expected);
});

test.each<[readonly string[], string]>([
  [["user bob@pve Reader /", "token bob@pve!t1 Reader /"], "VM.Audit"],
  [["user bob@pve Reader /"], ""],
  [["token bob@pve!t1 Reader /"], ""],
  [["user bob@pve Reader /", "token bob@pve!t1 Starter /"], ""],
  // The groups are of the user, not of the token.
  [["group team Reader /"], ""],
  [["group team Reader /", "token bob@pve!t1 Reader /"], "VM.Audit"],
])("a token has what both have: %j", (grants, expected) => {
  expect(names(control(...grants), "bob@pve!t1", "/vms")).toBe(expected);
});

test("the map tells whether a privilege propagates, for user and token", () => {
  const access = control("user bob@pve Reader /vms", "token bob@pve!t1 Reader /vms!");
  expect(effectivePermissions(access, "bob@pve")).toEqual({ "/vms": { "VM.Audit": 1 } });
  expect(effectivePermissions(access, "bob@pve!t1")).toEqual({ "/vms": { "VM.Audit": 0 } });
  const other = control("user bob@pve Reader /vms!", "token bob@pve!t1 Reader /vms");
  expect(effectivePermissions(other, "bob@pve!t1")).toEqual({ "/vms": { "VM.Audit": 0 } });
});
