import fc from "fast-check";
import { expect, test } from "vitest";
import { redactOptions } from "../../src/guests/redact.ts";
import { redactLines, redactText } from "../../src/proxmox/redact.ts";
import { cutToBytes } from "../../src/tools/cut.ts";
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
  `command 'rbd --password=${SENTINEL}' failed`,
  `mount --password ${SENTINEL} nas`,
  `pbs --token "${SENTINEL} x" --verbose`,
  `restic --repo-password '${SENTINEL}'`,
  `Authorization: Bearer ${SENTINEL}`,
  `authorization=Basic ${SENTINEL}`,
  `curl -H "Authorization: PVEAPIToken=a@pve!b=${SENTINEL}"`,
  `sent bearer ${SENTINEL}`,
])("the secret in %j is not shown", (text) => {
  expect(redactText(text)).not.toContain("hunter2");
  expect(redactText(text)).toContain("[redacted]");
});

test.each([
  "no --password",
  "--password-file /etc/x",
  "--token --verbose",
  "the bearer",
  "OK",
  "WARNINGS: 2",
  "command 'zfs error: pool is full' failed",
])("%j holds no secret", (text) => {
  expect(redactText(text)).toBe(text);
});

const BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7hunter2a0000";
const KEY = [
  "-----BEGIN PRIVATE KEY-----",
  BODY,
  `${BODY.slice(0, 60)}hunter2b`,
  "hunter2c==",
  "-----END PRIVATE KEY-----",
];
const LOG = ["before", ...KEY, "between", ...KEY, "after"];

test("no line of a private key is shown, wherever the lines begin and end", () => {
  for (let start = 0; start < LOG.length; start += 1) {
    for (let end = start + 1; end <= LOG.length; end += 1) {
      const lines = LOG.slice(start, end);
      const shown = redactLines(lines);
      expect(shown).toHaveLength(lines.length);
      // What a short last line alone belongs to cannot be told.
      const isRest = lines.length === 1 && lines[0] === "hunter2c==";
      if (!isRest) expect(shown.join("\n")).not.toMatch(/hunter2[ab]/);
      if (lines.some((line) => line.startsWith("-----"))) {
        expect(shown.join("\n")).not.toContain("hunter2");
      }
      for (const word of ["before", "between", "after"]) {
        expect(shown.includes(word)).toBe(lines.includes(word));
      }
    }
  }
});

test("a private key in one line hides nothing after it", () => {
  expect(redactLines([`a ${KEY.join("")} b`, "c", "password: x"])).toEqual([
    "a [redacted] b",
    "c",
    "password: [redacted]",
  ]);
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
