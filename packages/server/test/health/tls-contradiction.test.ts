import { describe, expect, test } from "vitest";
import { selfSigned } from "../proxmox/certificates.ts";
import { check, place, placeConfig, problemsOf, sealedConfig } from "../run-server.ts";

async function checkOf(proxmox: object) {
  const host = { host: "pve.example" };
  const file = placeConfig(await sealedConfig({ proxmox: { ...host, ...proxmox } }));
  place("ca.pem", (await selfSigned()).cert);
  return check(file);
}

const FINGERPRINT = "ab".repeat(32);

describe("verify_ssl: false", () => {
  test.each([
    ["ca_file", { ca_file: "ca.pem" }],
    ["fingerprint", { fingerprint: FINGERPRINT }],
    ["ca_file and fingerprint", { ca_file: "ca.pem", fingerprint: FINGERPRINT }],
  ])("beside %s is a contradiction, and the server would not start", async (names, proxmox) => {
    const report = await checkOf({ ...proxmox, verify_ssl: false });
    expect(report.exitStatus).toBe(5);
    expect(problemsOf(report)).toEqual([
      expect.stringMatching(/^schema: SCHEMA \d+:\d+ \/proxmox\/verify_ssl$/),
    ]);
    const [problem] = report.checks.flatMap(({ problems }) => problems);
    expect(problem?.message).toContain(`verify_ssl is false beside ${names}`);
    expect(problem?.hint).toContain("remove verify_ssl");
  });

  test.each([
    [{ verify_ssl: false }],
    [{ verify_ssl: true, ca_file: "ca.pem" }],
    [{ fingerprint: FINGERPRINT }],
  ])("or what is said once is none: %j", async (proxmox) => {
    expect((await checkOf(proxmox)).exitStatus).toBe(0);
  });
});
