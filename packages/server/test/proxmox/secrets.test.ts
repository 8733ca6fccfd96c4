import { inspect } from "node:util";
import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { SecretText } from "@proxmox-mcp/crypto/config";
import { errorJson, stackOf } from "@proxmox-mcp/crypto/internal";
import { describe, expect, it } from "vitest";
import { tokenHeader } from "../../src/proxmox/credentials.ts";
import { ACL, AGENT_EXEC, VERSION } from "../../src/proxmox/endpoints.ts";
import { clientOf, failureOf, gate, type Handler, SECRET, startHost, TOKEN } from "./host.ts";

/** Everything that any log or answer could show of an error. */
function everythingOf(error: ProxmoxMcpError): string {
  const own = JSON.stringify(error, Object.getOwnPropertyNames(error));
  const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  return [formatError(error), JSON.stringify(errorJson(error)), stackOf(error), own, shown].join(
    "\n",
  );
}

/** Answers with what it was sent, as a debugging proxy might. */
const echo =
  (status: number): Handler =>
  ({ headers, body }, response) => {
    const said = `${headers.authorization ?? ""} ${headers.cookie ?? ""} ${body}`;
    const errors = { [said]: said, password: said };
    const reason = said.replace(/[\r\n]/g, " ");
    response.writeHead(status, reason).end(JSON.stringify({ data: null, message: said, errors }));
  };

const echoNoJson =
  (status: number): Handler =>
  ({ headers }, response) =>
    response.writeHead(status, "Bad").end(`${headers.authorization}`);

const echoNoHttp: Handler = ({ headers }, _, socket) =>
  socket.end(`${headers.authorization}\r\n\r\n`);

describe("a host that sends back what it was sent", () => {
  const ANSWERS: readonly (readonly [string, Handler])[] = [
    ...[200, 302, 400, 401, 403, 404, 500, 501, 595].flatMap(
      (status) =>
        [
          [`${status} in JSON`, echo(status)],
          [`${status} in plain`, echoNoJson(status)],
        ] as const,
    ),
    ["no HTTP", echoNoHttp],
    ["nothing", (_, __, socket) => socket.destroy()],
  ];

  it.each(ANSWERS)("gets no token into an error: %s", async (name, handler) => {
    const client = clientOf(await startHost(handler));
    const call = client.call(AGENT_EXEC, {
      values: { node: "pve1", vmid: 100 },
      parameters: { command: ["ls"] },
    });
    if (name === "200 in JSON") return expect(await call).toBeNull();
    const shown = everythingOf(await failureOf(call));
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(SECRET.slice(0, 12));
  });

  it("gets no password and no ticket into an error", async () => {
    const password = "example pass/word";
    const ticket = "PVE:mcp@pve:AAAA::exampleticket";
    const csrf = "AAAA:examplecsrf";
    const host = await startHost((request, response, socket) => {
      if (!request.url.endsWith("/ticket")) return echo(500)(request, response, socket);
      const data = { ticket, CSRFPreventionToken: csrf };
      return response.end(JSON.stringify({ data }));
    });
    const client = clientOf(host, {
      credentials: { user: "mcp@pve", password: new SecretText(password) },
    });
    const failure = await failureOf(client.call(VERSION, { values: {} }));
    const refused = await startHost(echo(401));
    const other = clientOf(refused, {
      credentials: { user: "mcp@pve", password: new SecretText(password) },
    });
    const login = await failureOf(other.call(VERSION, { values: {} }));
    const shown = everythingOf(failure) + everythingOf(login);
    for (const secret of [password, encodeURIComponent(password), "exampleticket", csrf]) {
      expect(shown).not.toContain(secret);
    }
    expect(failure.message).toContain("[redacted]");
  });

  it("gets no password into an error in the spelling of a form", async () => {
    const password = "example (3) it's!*~";
    const host = await startHost(echo(400));
    const credentials = { user: "mcp@pve", password: new SecretText(password) };
    const failure = await failureOf(clientOf(host, { credentials }).call(VERSION, { values: {} }));
    const shown = everythingOf(failure);
    expect(host.seen[0]?.body).toContain("example+%283%29+it%27s%21*%7E");
    expect(shown).not.toContain("%283%29");
    expect(shown).not.toContain("it's");
    expect(failure.message).toContain("password=[redacted]");
  });

  it("gets no ticket into an error that was forgotten while it was under way", async () => {
    const late = gate();
    const arrived = gate();
    const host = await startHost(async (request, response, socket) => {
      if (request.url.endsWith("/ticket")) {
        const data = {
          ticket: "PVE:mcp@pve:AAAA::exampleticket",
          CSRFPreventionToken: "AAAA:csrf",
        };
        return response.end(JSON.stringify({ data }));
      }
      if (request.url.endsWith("/version")) return response.writeHead(401, "No").end();
      arrived.open();
      await late.opened;
      return echo(500)(request, response, socket);
    });
    const client = clientOf(host, {
      credentials: { user: "mcp@pve", password: new SecretText("a password") },
    });
    const slow = failureOf(client.call(ACL, { values: {} }));
    await arrived.opened;
    expect((await failureOf(client.call(VERSION, { values: {} }))).code).toBe(
      "PROXMOX_UNAUTHORIZED",
    );
    late.open();
    const failure = await slow;
    expect(failure.message).toContain("[redacted]");
    expect(everythingOf(failure)).not.toContain("exampleticket");
  });

  it("gets no token into what a client shows of itself", async () => {
    const client = clientOf(await startHost(echo(200)));
    expect(inspect(client, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });
});

describe("the header", () => {
  it("carries what Proxmox decodes to the same", () => {
    const tokenValue = new SecretText("a%b c\r\nX: y ä €");
    const header = tokenHeader({ ...TOKEN, tokenValue });
    expect(header).toMatch(/^[\x21-\x7e]+$/);
    expect(decodeURIComponent(header)).toBe(`PVEAPIToken=mcp@pve!server=${tokenValue.reveal()}`);
  });
});
