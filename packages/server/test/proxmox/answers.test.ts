import { readFileSync } from "node:fs";
import { formatError } from "@proxmox-mcp/crypto";
import { EXIT_STATUS } from "@proxmox-mcp/crypto/internal";
import { describe, expect, it } from "vitest";
import {
  AGENT_PING,
  CLUSTER_STATUS,
  NODE_STATUS,
  USERS,
  VERSION,
  VM_CONFIG,
} from "../../src/proxmox/endpoints.ts";
import { answering, clientOf, data, failureOf, startHost } from "./host.ts";

const GUEST = { node: "pve2", vmid: 117 };

/** What becomes of one answer to a question about guest 117 on pve2. */
async function refusal(status: number, reason: string, body: string) {
  const client = clientOf(await startHost(answering(status, reason, body)));
  return await failureOf(client.call(VM_CONFIG, { values: GUEST }));
}

const message = (text: string) => JSON.stringify({ data: null, message: text });

describe("a request", () => {
  it("carries the token, and the parameters of a GET in its query", async () => {
    const host = await startHost(data([]));
    await clientOf(host).call(USERS, { values: {}, parameters: { full: true } });
    expect(host.seen).toMatchObject([
      {
        method: "GET",
        url: "/api2/json/access/users?full=1",
        headers: {
          authorization: "PVEAPIToken=mcp@pve!server=00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
        },
        body: "",
      },
    ]);
  });

  it("carries the parameters of a POST as a form", async () => {
    const host = await startHost(data(null));
    await clientOf(host).call(AGENT_PING, { values: GUEST });
    expect(host.seen).toMatchObject([
      {
        method: "POST",
        url: "/api2/json/nodes/pve2/qemu/117/agent/ping",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
    ]);
  });
});

describe("401", () => {
  it("tells what to check, and is asked once, however late it comes", async () => {
    let release = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    const host = await startHost(async (_, response) => {
      await late;
      response.writeHead(401, "Authentication failed!").end();
    });
    const client = clientOf(host, { retry: { attempts: 5, delay: 1 } });
    const failure = failureOf(client.call(VERSION, { values: {} }));
    release();
    expect(await failure).toMatchObject({
      code: "PROXMOX_UNAUTHORIZED",
      message: `127.0.0.1:${host.port} does not accept mcp@pve!server: Authentication failed!`,
      hint: expect.stringMatching(/token id.*secret.*expired.*realm.*enabled/),
    });
    expect(host.seen).toHaveLength(1);
  });

  it("points to a proxy where the header did not arrive", async () => {
    const { hint } = await refusal(401, "No ticket", "");
    expect(hint).toMatch(/proxy/);
  });
});

describe("403", () => {
  const REMEDY =
    /^give it with the command that `proxmox-mcp-server test-connection -v` prints.*hides/;

  it.each([
    [
      "Permission check failed (/nodes/pve1, Sys.Audit)",
      "mcp@pve!server lacks Sys.Audit on /nodes/pve1",
    ],
    [
      "Permission check failed (/vms/100, VM.GuestAgent.Unrestricted|VM.Monitor)",
      "mcp@pve!server lacks VM.GuestAgent.Unrestricted or VM.Monitor on /vms/100",
    ],
  ])("names privilege and path, and what finds the command: %s", async (text, expected) => {
    for (const failure of [
      await refusal(403, text, message(`${text}\n`)),
      await refusal(403, text, '{"data":null}'),
      await refusal(403, text, ""),
    ]) {
      expect(failure).toMatchObject({ code: "PROXMOX_FORBIDDEN", message: expected });
      expect(failure.hint).toMatch(REMEDY);
    }
  });

  it("gives no command of its own: an entry for one path would hide what comes from above", async () => {
    const text = "Permission check failed (/vms/100, VM.GuestAgent.Unrestricted)";
    expect((await refusal(403, text, message(text))).hint).not.toContain("pveum");
  });

  it.each([
    "Forbidden",
    "Permission check failed (/vms/1;reboot, VM.Audit)",
    "Permission check failed (/vms/$(reboot), VM.Audit)",
    "Permission check failed (/vms/1, VM.Audit';reboot)",
    "Permission check failed (, Sys.Audit)",
  ])("falls back on what the call is known to need: %s", async (text) => {
    const { code, hint } = await refusal(403, "Forbidden", message(text));
    expect(code).toBe("PROXMOX_FORBIDDEN");
    expect(hint).toMatch(/^it needs VM\.Audit on \/vms\/117: give it with the command that /);
    expect(hint).not.toContain("reboot");
  });

  it("shows nothing of a page", async () => {
    const failure = await refusal(403, "Forbidden", "<html><h1>403</h1></html>");
    expect(failure).toMatchObject({ code: "PROXMOX_FORBIDDEN" });
    expect(failure.message).not.toContain("<");
  });
});

describe("400", () => {
  it("goes parameter by parameter", async () => {
    const errors = { vmid: "type check ('integer') failed - got 'abc'\n", bogus: "not in schema" };
    const body = JSON.stringify({
      data: null,
      message: "Parameter verification failed.\n",
      errors,
    });
    const failure = await refusal(400, "Parameter verification failed.", body);
    expect(failure).toMatchObject({
      code: "PROXMOX_INVALID",
      message: expect.stringMatching(
        /vmid: type check \('integer'\) failed - got 'abc'; bogus: not in schema$/,
      ),
      problems: [
        { message: "vmid: type check ('integer') failed - got 'abc'" },
        { message: "bogus: not in schema" },
      ],
    });
  });

  it("says what there is where nothing is named", async () => {
    const failure = await refusal(400, "no such option", '{"data":null}');
    expect(failure.message).toMatch(/no such option$/);
  });
});

describe("5xx", () => {
  const NO_GUEST = "Configuration file 'nodes/pve2/qemu-server/117.conf' does not exist";

  it.each([
    ["with a message", "Internal Server Error", message(`${NO_GUEST}\n`)],
    ["with a reason alone, as before 8.4", NO_GUEST, '{"data":null}'],
    ["with a reason and no body", NO_GUEST, ""],
  ])("%s tells of a guest that is not there", async (_, reason, body) => {
    expect(await refusal(500, reason, body)).toMatchObject({
      code: "GUEST_NOT_FOUND",
      message: "there is no guest 117 of this kind on node pve2",
      hint: expect.stringContaining("get_vms"),
    });
  });

  it.each([
    ["QEMU guest agent is not running", "AGENT_UNAVAILABLE", "start qemu-guest-agent"],
    ["No QEMU guest agent configured", "AGENT_UNAVAILABLE", "start qemu-guest-agent"],
    ["VM 117 qmp command 'guest-ping' failed - got timeout", "AGENT_UNAVAILABLE", "start qemu"],
    [
      "The command guest-exec has been disabled for this instance",
      "AGENT_UNAVAILABLE",
      "allow the",
    ],
    ["VM 117 is not running", "PROXMOX_FAILED", "start the guest first"],
    ["hostname lookup 'pve9' failed - failed to get address info", "PROXMOX_FAILED", "get_nodes"],
    ["can't lock file '/var/lock/x.conf' - got timeout", "PROXMOX_FAILED", "journal of pvedaemon"],
    [
      "can't lock file '/var/lock/qemu-server/lock-117.conf' - got timeout",
      "GUEST_STATE",
      "wait for its end",
    ],
    ["VM is locked (backup)", "GUEST_STATE", "wait for its end"],
    ["CT is locked (snapshot)", "GUEST_STATE", "wait for its end"],
    ["can't remove VM 117 - protection mode enabled", "GUEST_STATE", "by a person"],
    ["unable to remove VM 117 - used in HA resources", "GUEST_STATE", "purge true"],
    ["VM 117 is running - destroy failed", "GUEST_STATE", "shut the guest down"],
    ["unable to destroy CT 117 - container is running", "GUEST_STATE", "shut the guest down"],
    ["VM 117 already exists on node 'pve1'", "GUEST_STATE", "get_vms"],
    ["CT 117 already running", "GUEST_STATE", "their state"],
  ])("%s is %s", async (text, code, hint) => {
    const failure = await refusal(500, text, message(text));
    expect(failure.code).toBe(code);
    expect(failure.hint).toContain(hint);
  });

  it.each([595, 596, 599])("%i is a node out of reach", async (status) => {
    const failure = await refusal(status, "No route to host", "");
    expect(failure).toMatchObject({
      code: "NODE_UNREACHABLE",
      message: expect.stringMatching(
        new RegExp(
          `^node pve2 cannot be reached from 127\\.0\\.0\\.1:\\d+ \\(${status}, No route to host\\)$`,
        ),
      ),
    });
  });

  it("says of 501 that the release may be too old", async () => {
    const text = "Method 'GET /nope' not implemented";
    expect(await refusal(501, text, message(text))).toMatchObject({
      code: "PROXMOX_FAILED",
      hint: expect.stringContaining("release 7"),
    });
  });

  it("takes a page of a proxy for no answer of Proxmox", async () => {
    const failure = await refusal(502, "Bad Gateway", "<html><body>nginx</body></html>");
    expect(failure).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: expect.stringMatching(/with 502 Bad Gateway, as Proxmox never does$/),
    });
  });
});

describe("text that others wrote", () => {
  it("becomes one printable line of at most 300 characters", async () => {
    const text = `first\nsecond\t\u001b[31m${"long ".repeat(500)}`;
    const line = formatError(await refusal(500, "Internal Server Error", message(text)));
    expect(line).toContain("first second \\u001b[31mlong");
    expect(line).not.toMatch(/\p{Cc}/u);
    expect(line.length).toBeLessThan(600);
  });

  it("is left out where it is a web page", async () => {
    const page = "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>";
    for (const failure of [
      await refusal(500, "Internal Server Error", message(page)),
      await refusal(401, "", page),
      await refusal(400, "", page),
      await refusal(404, "", page),
      await refusal(200, "OK", page),
    ]) {
      expect(formatError(failure)).not.toMatch(/<|alert/);
    }
  });
});

describe("an answer that makes no sense", () => {
  it.each([
    ["a web page", "<html><body>Welcome</body></html>", "a web page"],
    ["nothing", "", "nothing"],
    ["half of it", '{"data":[{"vmid":1', "something that is no JSON object"],
    ["a list", "[1]", "something that is no JSON object"],
    ["no data", '{"success":1}', "no data"],
    ["text", "hello", "something that is no JSON object"],
  ])("%s", async (_, body, found) => {
    const failure = await refusal(200, "OK", body);
    expect(failure).toMatchObject({
      code: "PROXMOX_ANSWER",
      message: `GET /nodes/{node}/qemu/{vmid}/config was answered with ${found}`,
    });
  });

  it.each([301, 302, 404, 405, 429])("%i is none of Proxmox's", async (status) => {
    expect((await refusal(status, "Elsewhere", "")).code).toBe("PROXMOX_ANSWER");
  });
});

describe("the recorded exchanges", () => {
  const path = new URL("../simulator/recorded/front-9.2.11.json", import.meta.url);
  const recorded: readonly {
    readonly name: string;
    readonly response: { readonly status: number; readonly reason: string; readonly body: string };
  }[] = JSON.parse(readFileSync(path, "utf8"));

  const CODES: Readonly<Record<number, string>> = {
    400: "PROXMOX_INVALID",
    401: "PROXMOX_UNAUTHORIZED",
    403: "PROXMOX_FORBIDDEN",
    500: "PROXMOX_FAILED",
    501: "PROXMOX_FAILED",
    506: "PROXMOX_FAILED",
  };

  it.each(recorded.filter(({ response }) => response.status >= 400))(
    "$name is told in our own words",
    async ({ response: { status, reason, body } }) => {
      const client = clientOf(await startHost(answering(status, reason, body)));
      const failure = await failureOf(client.call(NODE_STATUS, { values: { node: "pve1" } }));
      expect(failure.code).toBe(CODES[status]);
      expect(EXIT_STATUS[failure.code]).toBe(12);
      expect(failure.hint).toBeTypeOf("string");
      expect(formatError(failure)).toMatch(/^[\x20-\x7e]+$/);
    },
  );

  it.each(recorded.filter(({ response }) => response.status === 200))(
    "$name gives its data",
    async ({ response: { status, reason, body } }) => {
      const client = clientOf(await startHost(answering(status, reason, body)));
      const answer = await client.call(CLUSTER_STATUS, { values: {} });
      expect(answer).toEqual(JSON.parse(body).data);
    },
  );
});
