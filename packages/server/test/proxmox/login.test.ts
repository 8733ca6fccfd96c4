import { SecretText } from "@proxmox-mcp/crypto/config";
import { describe, expect, it } from "vitest";
import { AGENT_PING, VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, failureOf, gate, type Handler, type Host, startHost } from "./host.ts";

const PASSWORD = "example password, with spaces & signs";
const CREDENTIALS = { user: "mcp@pve", password: new SecretText(PASSWORD) };
const GUEST = { node: "pve1", vmid: 100 };
const HOUR = 3_600_000;

/** Gives out numbered tickets and answers everything else with what it was asked with. */
const withTickets = (): Handler => {
  let logins = 0;
  return ({ url, headers }, response) => {
    if (url !== "/api2/json/access/ticket") {
      const { cookie, csrfpreventiontoken = "none" } = headers;
      return response.end(JSON.stringify({ data: `${cookie} ${csrfpreventiontoken}` }));
    }
    logins += 1;
    const ticket = `PVE:mcp@pve:${logins}::abc+/=`;
    const body = { data: { ticket, CSRFPreventionToken: `csrf:${logins}`, username: "mcp@pve" } };
    return response.end(JSON.stringify(body));
  };
};

const loginsAt = ({ seen }: Host) => seen.filter(({ url }) => url.endsWith("/ticket"));
const cookie = (login: number) => `PVEAuthCookie=PVE%3Amcp%40pve%3A${login}%3A%3Aabc%2B%2F%3D`;

describe("a login by password", () => {
  it("sends user and password as a form, once, and no token", async () => {
    const host = await startHost(withTickets());
    const client = clientOf(host, { credentials: CREDENTIALS });
    await client.call(VERSION, { values: {} });
    await client.call(VERSION, { values: {} });
    const [login, ...more] = loginsAt(host);
    expect(more).toEqual([]);
    expect(login?.method).toBe("POST");
    const form = Object.fromEntries(new URLSearchParams(login?.body));
    expect(form).toEqual({ username: "mcp@pve", password: PASSWORD });
    expect(host.seen.filter(({ headers }) => "authorization" in headers)).toEqual([]);
  });

  it("gives a cookie to every call, and the CSRF token to all but GET", async () => {
    const client = clientOf(await startHost(withTickets()), { credentials: CREDENTIALS });
    expect(await client.call(VERSION, { values: {} })).toBe(`${cookie(1)} none`);
    expect(await client.call(AGENT_PING, { values: GUEST })).toBe(`${cookie(1)} csrf:1`);
  });

  it("is renewed long before two hours have passed", async () => {
    let time = 0;
    const host = await startHost(withTickets());
    const client = clientOf(host, { credentials: CREDENTIALS, now: () => time });
    await client.call(VERSION, { values: {} });
    time = 0.9 * HOUR;
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(1));
    time = 1.5 * HOUR;
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(2));
    time = 3 * HOUR;
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(3));
  });

  it("happens once, however many calls wait for it", async () => {
    const host = await startHost(withTickets());
    const client = clientOf(host, { credentials: CREDENTIALS });
    const calls = Array.from({ length: 20 }, () => client.call(VERSION, { values: {} }));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([`${cookie(1)} none`]));
    expect(loginsAt(host)).toHaveLength(1);
  });

  it("goes on for the others when one caller gives up", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tickets = withTickets();
    const host = await startHost(async (...exchange) => {
      await held;
      return tickets(...exchange);
    });
    const client = clientOf(host, { credentials: CREDENTIALS });
    const caller = new AbortController();
    const gone = failureOf(client.call(VERSION, { values: {}, signal: caller.signal }));
    const stays = client.call(VERSION, { values: {} });
    caller.abort();
    expect((await gone).code).toBe("CANCELLED");
    release();
    expect(await stays).toContain(cookie(1));
    expect(loginsAt(host)).toHaveLength(1);
  });

  it("that nobody waits for any more may fail in peace", async () => {
    const host = await startHost((_, response) => response.writeHead(401, "No").end());
    const client = clientOf(host, { credentials: CREDENTIALS });
    const caller = new AbortController();
    const call = failureOf(client.call(VERSION, { values: {}, signal: caller.signal }));
    caller.abort();
    expect((await call).code).toBe("CANCELLED");
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe(
      "PROXMOX_UNAUTHORIZED",
    );
  });

  it("that is refused says what to check, and is not tried again by itself", async () => {
    const body = '{"data":null,"message":"authentication failure"}';
    const host = await startHost((_, response) =>
      response.writeHead(401, "authentication failure").end(body),
    );
    const client = clientOf(host, { credentials: CREDENTIALS, retry: { attempts: 3, delay: 1 } });
    expect(await failureOf(client.call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_UNAUTHORIZED",
      message: expect.stringMatching(/does not accept mcp@pve: authentication failure$/),
      hint: expect.stringMatching(/realm and the password/),
    });
    expect(host.seen).toHaveLength(1);
  });

  it("happens anew after a ticket was refused, with the next call", async () => {
    const tickets = withTickets();
    let refuse = true;
    const host = await startHost((request, response, socket) => {
      if (refuse && !request.url.endsWith("/ticket")) {
        refuse = false;
        return response.writeHead(401, "permission denied - invalid PVE ticket").end();
      }
      return tickets(request, response, socket);
    });
    const client = clientOf(host, { credentials: CREDENTIALS });
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe(
      "PROXMOX_UNAUTHORIZED",
    );
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(2));
  });

  it("is kept when an older ticket is refused late", async () => {
    const tickets = withTickets();
    const late = gate();
    const arrived = gate();
    const host = await startHost(async (request, response, socket) => {
      if (request.headers.cookie !== cookie(1)) return tickets(request, response, socket);
      if (request.method === "POST") {
        arrived.open();
        await late.opened;
      }
      return response.writeHead(401, "permission denied - invalid PVE ticket").end();
    });
    const client = clientOf(host, { credentials: CREDENTIALS });
    const slow = failureOf(client.call(AGENT_PING, { values: GUEST }));
    await arrived.opened;
    await failureOf(client.call(VERSION, { values: {} }));
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(2));
    late.open();
    await slow;
    expect(await client.call(VERSION, { values: {} })).toContain(cookie(2));
    expect(loginsAt(host)).toHaveLength(2);
  });

  it("with a second factor points to an API token", async () => {
    const body = { data: { ticket: "PVE:!tfa!x", CSRFPreventionToken: "x", NeedTFA: 1 } };
    const host = await startHost((_, response) => response.end(JSON.stringify(body)));
    const client = clientOf(host, { credentials: CREDENTIALS });
    expect(await failureOf(client.call(VERSION, { values: {} }))).toMatchObject({
      code: "PROXMOX_UNAUTHORIZED",
      hint: expect.stringContaining("API token"),
    });
    expect(host.seen).toHaveLength(1);
  });

  it.each([
    ["nothing", { data: null }],
    [
      "a ticket that fits into no header",
      { data: { ticket: "a", CSRFPreventionToken: "b\r\nx: y" } },
    ],
    ["no ticket", { data: { username: "mcp@pve" } }],
  ])("that is answered with %s is no login", async (_, body) => {
    const host = await startHost((__, response) => response.end(JSON.stringify(body)));
    const client = clientOf(host, { credentials: CREDENTIALS });
    const failure = await failureOf(client.call(AGENT_PING, { values: GUEST }));
    expect(failure.code).toBe("PROXMOX_ANSWER");
    expect(host.seen).toHaveLength(1);
  });
});
