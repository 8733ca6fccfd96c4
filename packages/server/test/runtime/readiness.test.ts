import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { describe, expect, test } from "vitest";
import { createReadiness, type InForce } from "../../src/runtime/readiness.ts";
import { serverConfig } from "../config.ts";

const HOST = { host: "pve.example", port: 8006 };

function loaded(required = false): InForce {
  return {
    config: serverConfig({ proxmox: HOST, audit: { required } }),
    key: { source: "PROXMOX_MCP_MASTER_KEY", id: "01234567" },
    secrets: [],
  };
}

/** A clock that goes on by a second whenever it is looked at. */
function clock(): () => Date {
  let seconds = 0;
  return () => {
    seconds += 1;
    return new Date(seconds * 1000);
  };
}

describe("readiness", () => {
  test("reloads that failed are counted until one is taken, and the last is remembered", () => {
    const readiness = createReadiness(loaded(), clock());
    readiness.refused(new ProxmoxMcpError("SYNTAX", "an example"));
    readiness.refused(new ProxmoxMcpError("SCHEMA", "an example"));
    expect(readiness.state()).toMatchObject({
      reasons: [],
      loads: {
        takenAt: new Date(1000),
        refusedSince: 2,
        lastRefusal: { time: new Date(3000), code: "SCHEMA" },
      },
    });
    readiness.taken(loaded());
    expect(readiness.state().loads).toEqual({
      takenAt: new Date(4000),
      taken: 1,
      refused: 2,
      refusedSince: 0,
      lastRefusal: { time: new Date(3000), code: "SCHEMA" },
    });
  });

  test("draining is a reason to send nothing here, for good", () => {
    const readiness = createReadiness(loaded(), clock());
    readiness.drains();
    readiness.taken(loaded());
    expect(readiness.state().reasons).toEqual(["draining"]);
  });

  test("records that fail are a reason where the config in force requires them", () => {
    const readiness = createReadiness(loaded(), clock());
    readiness.auditFailed(() => readiness.auditWorks());
    expect(readiness.state()).toMatchObject({ reasons: [], auditFailures: 1 });
    readiness.taken(loaded(true));
    expect(readiness.state().reasons).toEqual(["audit_failed"]);
    expect(readiness.probe()).toMatchObject({ reasons: [], auditFailures: 1 });
    expect(readiness.state().reasons).toEqual([]);
  });

  test("a probe tries again what fails, and does so no more once it works", () => {
    const readiness = createReadiness(loaded(true), clock());
    let tries = 0;
    readiness.auditFailed(() => {
      tries += 1;
    });
    expect(readiness.probe().reasons).toEqual(["audit_failed"]);
    expect(tries).toBe(1);
    readiness.auditWorks();
    expect(readiness.probe().reasons).toEqual([]);
    expect(tries).toBe(1);
  });

  test("the last call to a host is that to the host that is asked about", () => {
    const readiness = createReadiness(loaded(), clock());
    expect(readiness.lastCall(HOST)).toBeUndefined();
    readiness.hostCalled(HOST, "PROXMOX_TIMEOUT");
    readiness.hostCalled(HOST, "CANCELLED");
    expect(readiness.lastCall(HOST)).toMatchObject({ outcome: "PROXMOX_TIMEOUT" });
    expect(readiness.lastCall({ ...HOST, port: 8007 })).toBeUndefined();
  });

  test("in test mode there may be no config, and no key", () => {
    expect(createReadiness(undefined, clock()).state()).toMatchObject({
      reasons: [],
      activeKey: undefined,
      secrets: [],
    });
  });
});
