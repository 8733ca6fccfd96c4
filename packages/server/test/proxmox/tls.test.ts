import { beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/proxmox/endpoints.ts";
import { parseFingerprint } from "../../src/proxmox/fingerprint.ts";
import type { TlsOptions } from "../../src/proxmox/tls.ts";
import { type Authority, authority, type Identity, selfSigned } from "./certificates.ts";
import { clientOf, data, failureOf, type Host, startHost } from "./host.ts";

let ca: Authority;
let good: Identity;
let expired: Identity;
let elsewhere: Identity;
let lonely: Identity;

beforeAll(async () => {
  ca = await authority();
  good = await ca.issue();
  expired = await ca.issue({ expires: -1 });
  elsewhere = await ca.issue({ names: ["pve.example"], addresses: ["192.0.2.1"] });
  lonely = await selfSigned();
});

const ask = (host: Host, tls: TlsOptions) => clientOf(host, { tls }).call(VERSION, { values: {} });

const refusedWithout = async (identity: Identity, tls: TlsOptions) => {
  const host = await startHost(data({ version: "9.2" }), identity);
  const failure = await failureOf(ask(host, tls));
  expect(failure.code).toBe("PROXMOX_TLS");
  // Not even a request line may leave before the host is trusted.
  expect(host.seen).toHaveLength(0);
  return failure;
};

describe("a certificate is accepted", () => {
  it("if the CA file signed it", async () => {
    const host = await startHost(data("hello"), good);
    expect(await ask(host, { ca: ca.cert })).toBe("hello");
  });

  it("if it is the pinned one, whoever signed it, for whatever host and time", async () => {
    for (const identity of [lonely, expired, elsewhere]) {
      const host = await startHost(data("hello"), identity);
      expect(await ask(host, { fingerprint: identity.fingerprint })).toBe("hello");
      const spelled = identity.fingerprint.replaceAll(":", "").toLowerCase();
      expect(await ask(host, { fingerprint: spelled })).toBe("hello");
    }
  });

  it("whatever it is, where verification is off", async () => {
    const host = await startHost(data("hello"), lonely);
    const client = clientOf(host, { tls: { verify: false } });
    expect(await client.call(VERSION, { values: {} })).toBe("hello");
    expect(client.tlsMode).toBe("unverified");
  });
});

describe("a certificate is refused, and nothing is sent", () => {
  it("if it signs itself: CA file first, fingerprint next, verification off last", async () => {
    const { message, hint } = await refusedWithout(lonely, {});
    expect(message).toMatch(/^127\.0\.0\.1:\d+ is not trusted: its certificate is self-signed$/);
    expect(hint).toMatch(/ca_file.*fingerprint.*last.*verify_ssl/);
  });

  it("if nobody known signed it", async () => {
    const { message } = await refusedWithout(good, {});
    expect(message).toContain("signed by nobody known here");
  });

  it("if the CA of another cluster signed it, though it bears the same name", async () => {
    const other = await authority();
    const { message } = await refusedWithout(good, { ca: other.cert });
    expect(message).toContain("signed by another CA of the same name");
  });

  it("if it has expired", async () => {
    const { message } = await refusedWithout(expired, { ca: ca.cert });
    expect(message).toContain("has expired");
  });

  it("if it is for another host, which it names", async () => {
    const { message, hint } = await refusedWithout(elsewhere, { ca: ca.cert });
    expect(message).toContain("DNS:pve.example");
    expect(hint).toMatch(/^name the host as its certificate does/);
  });

  it("if it is not the pinned one, even with a CA file or verification off", async () => {
    const fingerprint = lonely.fingerprint;
    for (const tls of [
      { fingerprint },
      { fingerprint, ca: ca.cert },
      { fingerprint, verify: false },
    ]) {
      const { message, hint } = await refusedWithout(good, tls);
      expect(message).toContain(good.fingerprint);
      expect(message).toContain(fingerprint);
      expect(hint).toMatch(/pvenode cert info.*somebody is in between/);
    }
  });

  it("if it changed while the server ran", async () => {
    const first = await startHost(data("hello"), lonely);
    const client = clientOf(first, { tls: { fingerprint: lonely.fingerprint } });
    expect(await client.call(VERSION, { values: {} })).toBe("hello");
    await first.stop();
    const second = await startHost(data("hello"), good, first.port);
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe("PROXMOX_TLS");
    expect(second.seen).toHaveLength(0);
  });
});

describe("parseFingerprint", () => {
  const expected = `${"AB:".repeat(31)}AB`;

  it.each(["ab".repeat(32), "AB".repeat(32), expected])("reads %s", (text) =>
    expect(parseFingerprint(text)).toBe(expected),
  );

  it.each(["", "ab", "ab".repeat(20), "ab".repeat(33), "xy".repeat(32), `SHA1:${"ab".repeat(32)}`])(
    "refuses %j",
    (text) => {
      expect(() => parseFingerprint(text)).toThrow(expect.objectContaining({ code: "SCHEMA" }));
    },
  );
});
