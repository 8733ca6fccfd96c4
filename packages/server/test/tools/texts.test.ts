import fc from "fast-check";
import { expect, test } from "vitest";
import { redactOptions, redactText } from "../../src/guests/redact.ts";
import { cutToBytes } from "../../src/tools/cut.ts";
import { table } from "../../src/tools/table.ts";
import { bytes, duration, isoTime, percent } from "../../src/tools/units.ts";

test("a cut is the longest start that fits and ends between two characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(60), (text, limit) => {
      const whole = text.toWellFormed();
      const cut = cutToBytes(text, limit);
      expect(whole.startsWith(cut.text)).toBe(true);
      expect(Buffer.byteLength(cut.text)).toBeLessThanOrEqual(limit);
      expect(cut.isCut).toBe(cut.text !== whole);
      const next = String.fromCodePoint(whole.codePointAt(cut.text.length) ?? 0);
      if (cut.isCut) expect(Buffer.byteLength(cut.text + next)).toBeGreaterThan(limit);
    }),
  );
});

test.each<[number | null, string]>([
  [null, "-"],
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536 * 1024 ** 2, "1.5 GiB"],
  [800 * 1024 ** 3, "800 GiB"],
  [5000 * 1024 ** 5, "5000 PiB"],
])("%j bytes are %s", (count, shown) => {
  expect(bytes(count)).toBe(shown);
});

test.each<[number | null, string]>([
  [null, "-"],
  [0, "0s"],
  [59, "59s"],
  [3600, "1h 0m"],
  [90_061, "1d 1h"],
])("%j seconds are %s", (seconds, shown) => {
  expect(duration(seconds)).toBe(shown);
});

test("fractions and times", () => {
  expect([percent(0.426), percent(null)]).toEqual(["43 %", "-"]);
  expect([isoTime(0), isoTime(undefined), isoTime(1e20)]).toEqual([
    "1970-01-01T00:00:00Z",
    null,
    null,
  ]);
});

test("a name cannot break a table", () => {
  const shown = table(
    ["A", "B"],
    [
      ["x\n\u001b[31my", 1],
      [null, ""],
    ],
  );
  expect(shown.split("\n")).toEqual([
    "A                   B",
    "x\\u000a\\u001b[31my  1",
    "-                   -",
  ]);
});

const SENTINEL = "5ecre7-hunter2";

test.each([
  `password=${SENTINEL}`,
  `Password: ${SENTINEL} and more`,
  `root pw: no, but passwd = "${SENTINEL} with ${SENTINEL}"`,
  `{"api_key": "${SENTINEL}"}`,
  `-object secret,id=sec0,data=${SENTINEL},format=raw`,
  `https://admin:${SENTINEL}@nas.example/share`,
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${SENTINEL}\n-----END OPENSSH PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${SENTINEL}`,
  `TOKEN='${SENTINEL}'`,
])("the secret in %j is not shown", (text) => {
  expect(redactText(text)).not.toContain("hunter2");
  expect(redactText(text)).toContain("[redacted]");
});

test("options that hold secrets are named, others stay as they are", () => {
  const secret = {
    cipassword: SENTINEL,
    sshkeys: SENTINEL,
    env: SENTINEL,
    description: `token: ${SENTINEL}`,
  };
  const open = {
    ciuser: "admin",
    memory: 2048,
    net0: "virtio=BC:24:11:00:00:64,bridge=vmbr0,firewall=1",
    scsi0: "local-lvm:vm-100-disk-0,iothread=1,size=32G",
    description2: "the data is on nas; passing through",
    smbios1: "uuid=00000000-0000-0000-0000-000000000000",
    agent: "1",
  };
  const { options, redacted } = redactOptions({ ...open, ...secret });
  expect(options).toMatchObject(open);
  expect(JSON.stringify(options)).not.toContain("hunter2");
  expect(redacted).toEqual(["cipassword", "sshkeys", "env", "description"]);
});
