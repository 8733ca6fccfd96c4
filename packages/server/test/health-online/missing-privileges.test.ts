import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantsFor } from "../../src/health/online/grants.ts";
import { isPartly, missingPrivileges } from "../../src/health/online/missing-privileges.ts";
import type { Need } from "../../src/proxmox/endpoint.ts";
import type { Permissions } from "../../src/proxmox/permissions.ts";
import type { AccessControl } from "../../src/simulator/access-control.ts";
import { effectivePermissions, privilegesAt } from "../../src/simulator/permissions.ts";

const CLUSTER: Need = { anyOf: ["Sys.Audit"], on: "/" };
const GUEST: Need = { anyOf: ["VM.Audit"], on: "/vms/{vmid}" };
const AGENT: Need = { anyOf: ["VM.GuestAgent.Audit", "VM.Monitor"], on: "/vms/{vmid}" };

/** As in `VM.Audit /vms (only /vms/100)`. */
function say(granted: Permissions, need: Need): string {
  const [one] = missingPrivileges(granted, [need]);
  if (one === undefined) return "met";
  const { path, only, except } = one;
  if (!isPartly(one)) return `missing on ${path}`;
  return except.length > 0 ? `all but ${except.join(" ")}` : `only ${only.join(" ")}`;
}

describe("a need is", () => {
  const audit = { "VM.Audit": true };
  test.each<[string, Permissions, Need, string]>([
    ["met at its path", { "/": { "Sys.Audit": true } }, CLUSTER, "met"],
    ["met at its path without propagation", { "/": { "Sys.Audit": false } }, CLUSTER, "met"],
    ["not met without anything", {}, CLUSTER, "missing on /"],
    ["not met by another privilege", { "/": { "VM.Audit": true } }, CLUSTER, "missing on /"],
    ["not met from below", { "/nodes": { "Sys.Audit": true } }, CLUSTER, "missing on /"],
    [
      "not met by a name that objects have",
      { "/": {} },
      { anyOf: ["toString"], on: "/" },
      "missing on /",
    ],

    ["met for all by the path above", { "/vms": audit }, GUEST, "met"],
    ["met for all from the root", { "/": audit, "/vms": audit }, GUEST, "met"],
    ["met by the older name", { "/vms": { "VM.Monitor": true } }, AGENT, "met"],
    ["not met for any", {}, GUEST, "missing on /vms"],
    ["not met where the root's does not arrive", { "/": audit }, GUEST, "missing on /vms"],
    [
      "not met by what does not propagate",
      { "/vms": { "VM.Audit": false } },
      GUEST,
      "missing on /vms",
    ],
    [
      "not met by what does not propagate, beside something that does",
      { "/vms": { "VM.Audit": false, "VM.PowerMgmt": true } },
      GUEST,
      "missing on /vms",
    ],
    [
      "met from the root past an entry that does not propagate",
      { "/": audit, "/vms": { "VM.PowerMgmt": false } },
      GUEST,
      "met",
    ],
    [
      "not met where an entry takes the place of the root's",
      { "/": audit, "/vms": { "VM.PowerMgmt": true } },
      GUEST,
      "missing on /vms",
    ],
    ["met for one", { "/vms/100": audit }, GUEST, "only /vms/100"],
    ["met for two", { "/vms/200": audit, "/vms/100": audit }, GUEST, "only /vms/100 /vms/200"],
    [
      "met for one without propagation",
      { "/vms/100": { "VM.Audit": false } },
      GUEST,
      "only /vms/100",
    ],
    [
      "met for all but one",
      { "/vms": audit, "/vms/100": { "VM.PowerMgmt": true }, "/vms/200": audit },
      GUEST,
      "all but /vms/100",
    ],
    [
      "met by one name here and the other there",
      { "/vms": { "VM.Monitor": true }, "/vms/100": { "VM.GuestAgent.Audit": true } },
      AGENT,
      "met",
    ],
    ["not met by a path that only begins alike", { "/vmsx/100": audit }, GUEST, "missing on /vms"],
  ])("%s", (_, granted, need, expected) => {
    expect(say(granted, need)).toBe(expected);
  });

  test("told in the order of the needs, and once each", () => {
    const missing = missingPrivileges({ "/vms": { "VM.Audit": true } }, [AGENT, GUEST, CLUSTER]);
    expect(missing.map(({ need }) => need)).toEqual([AGENT, CLUSTER]);
  });
});

// Access control lists over these paths, from which the simulated cluster computes its answer. They
// propagate: what lies below an entry that does not, the answer of Proxmox does not always tell.
const PATHS = ["/", "/vms", "/vms/100", "/vms/200", "/nodes", "/nodes/pve1"];
const ROLES = { a: ["VM.Audit"], b: ["VM.Audit", "VM.Monitor"], c: ["Sys.Audit"] };
const grant = fc.record({
  path: fc.constantFrom(...PATHS),
  roleid: fc.constantFrom(...Object.keys(ROLES)),
  ugid: fc.constantFrom("joe@pve", "joe@pve!t", "staff"),
});
const accessControl = fc
  .record({
    grants: fc.uniqueArray(grant, { maxLength: 8, selector: (one) => Object.values(one).join() }),
    privsep: fc.boolean(),
  })
  .map(({ grants, privsep }): AccessControl => {
    const token = { secret: "", privsep, expire: 0, comment: undefined };
    const about = { enable: true, expire: 0, comment: undefined, password: undefined };
    return {
      users: {
        "joe@pve": { ...about, groups: ["staff"], tokens: { t: token }, secondFactors: [] },
      },
      roles: ROLES,
      grants: grants.map((one) => ({ ...one, type: typeOf(one.ugid), propagate: true })),
    };
  });

function typeOf(ugid: string): "user" | "token" | "group" {
  if (ugid === "staff") return "group";
  return ugid.includes("!") ? "token" : "user";
}

function answered(access: AccessControl, userid: string): Permissions {
  const listed = Object.entries(effectivePermissions(access, userid)).map(([path, privileges]) => {
    const flags = Object.entries(privileges).map(([name, flag]) => [name, flag === 1] as const);
    return [path, Object.fromEntries(flags)] as const;
  });
  return Object.fromEntries(listed);
}

const NEEDS: readonly Need[] = [
  CLUSTER,
  GUEST,
  AGENT,
  { anyOf: ["Sys.Audit"], on: "/nodes/{node}" },
];

test("what it says of a path is what Proxmox decides there", () => {
  fc.assert(
    fc.property(accessControl, fc.constantFrom("joe@pve", "joe@pve!t"), (access, userid) => {
      const granted = answered(access, userid);
      const may = (path: string, { anyOf }: Need) =>
        anyOf.some((name) => privilegesAt(access, userid, path).has(name));
      for (const need of NEEDS) {
        const [one] = missingPrivileges(granted, [need]);
        const fixed = need.on.replace(/\/\{\w+\}$/, "");
        const listed = Object.keys(granted).filter((at) => at.startsWith(`${fixed}/`));
        // A path that no entry names stands for all of these.
        const others = fixed === need.on ? [need.on] : [`${fixed}/999`];
        const isMetElsewhere = one === undefined || one.except.length > 0;
        for (const path of others) expect(may(path, need), path).toBe(isMetElsewhere);
        for (const path of fixed === need.on ? [] : listed) {
          const isMet = isMetElsewhere ? !one?.except.includes(path) : one?.only.includes(path);
          expect(may(path, need), path).toBe(isMet);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("who obeys the commands ends with nothing missing, and loses nothing on the way", () => {
  const places = ["/", "/vms/100", "/vms/200", "/vms/999", "/nodes/pve1", "/nodes/pve9"];
  const held = (access: AccessControl, userid: string) =>
    NEEDS.flatMap(({ anyOf, on }) =>
      places
        .filter((path) => path.replace(/\w*\d$/, "") === on.replace(/\{\w+\}$/, ""))
        .filter((path) => anyOf.some((name) => privilegesAt(access, userid, path).has(name)))
        .map((path) => `${anyOf[0]} ${path}`),
    );
  fc.assert(
    fc.property(accessControl, fc.constantFrom("joe@pve", "joe@pve!t"), (access, userid) => {
      const [user = "", tokenName] = userid.split("!");
      const grantee = { user, tokenName };
      let now = access;
      let granted = answered(now, userid);
      let missing = missingPrivileges(granted, NEEDS);
      // What one entry hides may show only at the next look.
      for (let look = 0; look < 3 && missing.length > 0; look += 1) {
        const facts = { granted, grantee, release: "8.4.1", needs: NEEDS };
        let next = now;
        for (const { commands, forUser = "" } of grantsFor(missing, facts)) {
          next = [...commands, forUser].filter(Boolean).reduce(obey, next);
        }
        expect(held(next, userid)).toEqual(expect.arrayContaining(held(now, userid)));
        now = next;
        granted = answered(now, userid);
        missing = missingPrivileges(granted, NEEDS);
      }
      expect(missing).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});

/** Does what `pveum role add` and `pveum acl modify` do. */
function obey(access: AccessControl, command: string): AccessControl {
  const words = command.split(" ").map((word) => word.replace(/^'|'$/g, ""));
  const [, area, , subject = "", option, who = "", , roleid = ""] = words;
  if (area === "role") {
    return { ...access, roles: { ...access.roles, [subject]: who.split(",") } };
  }
  const type = option === "--tokens" ? "token" : "user";
  const entry = { path: subject, type, ugid: who, roleid, propagate: true } as const;
  return { ...access, grants: [...access.grants, entry] };
}
