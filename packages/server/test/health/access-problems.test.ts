import { describe, expect, test } from "vitest";
import { check, placeConfig, problemsOf, sealedConfig, warningsOf } from "../run-server.ts";

const KEY = "example-key-0123456789abcdef";

async function checkOf(sections: object) {
  return check(placeConfig(await sealedConfig({ proxmox: { host: "pve.example" }, ...sections })));
}

describe("--test", () => {
  test.each<[string, object]>([
    ["one that is served over stdio, without API keys", {}],
    ["one for HTTP with a key", { http: { enabled: true, api_keys: { ci: KEY } } }],
    ["one with another host that is not served over HTTP", { http: { host: "0.0.0.0" } }],
    ["one with rules", { policy: { mode: "operate", deny: ["stop_vm"] } }],
  ])("finds nothing wrong with %s", async (_, sections) => {
    const report = await checkOf(sections);
    expect(problemsOf(report)).toEqual([]);
    expect(report.exitStatus).toBe(0);
  });

  test.each<[string, object, string[]]>([
    ["a proxy that is not trusted", {}, ["schema: SHARED_ADDRESS"]],
    ["nothing of one that is", { trusted_proxies: ["192.0.2.1"] }, []],
    ["nothing where HTTP is not served", { enabled: false }, []],
  ])("warns of %s", async (_, section, warnings) => {
    const http = { enabled: true, behind_tls_proxy: true, api_keys: { ci: KEY }, ...section };
    const report = await checkOf({ http });
    expect(report.exitStatus).toBe(0);
    expect(warningsOf(report).filter((warning) => !warning.includes("PLAIN"))).toEqual(warnings);
  });

  test.each<[string, object, string[]]>([
    ["one for HTTP without a key", { http: { enabled: true } }, ["/http/api_keys"]],
    [
      "one for HTTP beyond loopback",
      { http: { enabled: true, host: "0.0.0.0", api_keys: { ci: KEY } } },
      ["/http/host", "/http/allowed_hosts"],
    ],
    [
      "a short key, whatever is served",
      { http: { api_keys: { ci: "short" } } },
      ["/http/api_keys/ci"],
    ],
    [
      "a network that is none",
      { http: { allowed_networks: ["192.0.2.7/24"] } },
      ["/http/allowed_networks/0"],
    ],
    ["a tool that there is not", { policy: { deny: ["start_vn"] } }, ["/policy/deny/0"]],
    [
      "rules of a key that there is not",
      { policy: { keys: { ci: { mode: "full" } } } },
      ["/policy/keys/ci"],
    ],
  ])("refuses %s, and says where", async (_, sections, locations) => {
    const report = await checkOf(sections);
    expect(report.exitStatus).toBe(5);
    const problems = report.checks.flatMap((each) => each.problems);
    expect(problems.map(({ location }) => location)).toEqual(locations);
    expect(JSON.stringify(report)).not.toContain(KEY);
    const [first] = problems;
    expect(first).toMatchObject({ code: "SCHEMA", hint: expect.any(String) });
    expect(first?.file).toContain(".json");
  });
});
