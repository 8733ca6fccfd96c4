import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TOOLS } from "../../src/tools/index.ts";
import { openSession } from "./session.ts";

const POLICY = {
  mode: "full" as const,
  exec: { allow: ["**"], shell: false, timeout: 1, max_output: 1000 },
};

const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: "binary" }));

// Often what a tool takes, so that calls come through to the host as well.
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  node: fc.constantFrom("pve1", "pve2", "pve3", "pve9", "..", "pve1/../pve2", "pve1%2f"),
  vmid: fc.constantFrom(
    100,
    101,
    104,
    105,
    107,
    200,
    201,
    900,
    999,
    "100",
    "100 ",
    100.5,
    -1,
    1e300,
  ),
  storage: fc.constantFrom("local", "local-lvm", "archive", "nothing", "..", "local/../x"),
  content: fc.constantFrom("iso", "images", "ISO"),
  status: fc.constantFrom("running", "unknown", "RUNNING"),
  name: fc.constantFrom("web", "", "\u0000"),
  limit: fc.constantFrom(1, 1000, 0, "1"),
  start: fc.constantFrom(0, 5, -1),
  cursor: fc.constantFrom("", "AAAA", "WyJnZXRfdm1zIiwiMSJd"),
  command: fc.constantFrom("uptime", "true", "'", "nothing", "echo \ud800"),
  snapshot: fc.constantFrom("installed", "new", "current", "a/b"),
  confirm: fc.constantFrom("web", "100", "101", "200", "dns", ""),
  dry_run: fc.constantFrom(true, false, "yes"),
  purge: fc.constantFrom(true, false),
  full: fc.constantFrom(true, false),
  timeout: fc.constantFrom(1, 300, 0),
  disk_gib: fc.constantFrom(1, 60_000, 0),
  hostname: fc.constantFrom("new", "a_b"),
  iso: fc.constantFrom("local:iso/debian-13.2.0-amd64-netinst.iso", "local:iso/no.iso", "x"),
  template: fc.constantFrom(
    "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    "local:vztmpl/no.tar.gz",
  ),
  upid: fc.constantFrom(
    "UPID:pve1:00000001:00000001:00000001:vzdump:100:root@pam:",
    "UPID:pve3:00000001:00000001:00000001:vzdump:100:root@pam:",
    "UPID:../../x:00000001:00000001:00000001:vzdump:100:root@pam:",
    "UPID:pve1:00000001:00000001:00000001:a/../b:100:root@pam:",
  ),
};

test.each(TOOLS.map(({ name }) => [name]))("%s answers whatever it is given", async (name) => {
  const { call } = await openSession({ policy: POLICY, simulator: { delays: { task: 0 } } });
  const tool = TOOLS.find((candidate) => candidate.name === name);
  const known = Object.keys(tool?.input.shape ?? {});
  const likely = fc.record(
    Object.fromEntries(
      known.map((key) => [
        key,
        fc.oneof(
          { weight: 4, arbitrary: VALUES[key] ?? anything },
          { weight: 1, arbitrary: anything },
        ),
      ]),
    ),
    { requiredKeys: [] },
  );
  const unlikely = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom(...known, "node")),
    anything,
  );
  await fc.assert(
    fc.asyncProperty(
      // Of a tool without arguments every likely call is the same one.
      known.length === 0
        ? unlikely
        : fc.oneof({ weight: 5, arbitrary: likely }, { weight: 1, arbitrary: unlikely }),
      async (args) => {
        const { isError, text, error, data } = await call(name, args as Record<string, unknown>);
        if (!isError) {
          expect(data).toBeTypeOf("object");
          return;
        }
        expect(Object.keys(EXIT_STATUS)).toContain(error.code);
        expect(error.code, text).not.toBe("UNEXPECTED");
        expect(text.startsWith(`error[${error.code}]: `)).toBe(true);
        expect(text).not.toMatch(/\n|ZodError|invalid_type| at [\w.]+ \(|node_modules|<html/);
        expect(error.hint, text).toBeTruthy();
      },
    ),
    { numRuns: 60 },
  );
});
