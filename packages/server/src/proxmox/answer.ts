/** What an HTTP answer of Proxmox means: its data, or a failure in our own words. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { failed } from "./failed.ts";
import { forbidden } from "./forbidden.ts";
import { unreadable } from "./parse.ts";
import type { Question } from "./question.ts";
import { quotable } from "./upstream-text.ts";

export interface Answer {
  readonly status: number;
  /** The reason phrase. Before Proxmox VE 8.4 nothing else tells what went wrong. */
  readonly reason: string;
  readonly body: string;
}

// Proxmox's own: it could not pass the call on to another node.
const NODE_UNREACHABLE: ReadonlySet<number> = new Set([595, 596, 599]);

/**
 * @returns the `data` of the envelope.
 * @throws ProxmoxMcpError PROXMOX_UNAUTHORIZED, PROXMOX_FORBIDDEN, PROXMOX_INVALID, PROXMOX_FAILED,
 * NODE_UNREACHABLE, GUEST_NOT_FOUND, AGENT_UNAVAILABLE, PROXMOX_ANSWER.
 */
export function readAnswer(answer: Answer, question: Question): unknown {
  const envelope = envelopeOf(answer.body);
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (envelope !== undefined && Object.hasOwn(envelope, "data")) return envelope["data"];
    throw unreadable(question.endpoint, envelope === undefined ? notJson(answer) : "no data");
  }
  const said = question.hide(textOf(answer, envelope));
  if (status === 401) throw unauthorized(said, question);
  if (status === 403) throw forbidden(said, question);
  if (status === 400) throw invalid(said, envelope?.["errors"], question);
  if (NODE_UNREACHABLE.has(status)) throw nodeUnreachable(status, said, question);
  if (status >= 500 && (envelope !== undefined || !isPage(answer.body))) {
    throw failed(status, said, question);
  }
  throw foreign(answer, question);
}

/** The message, or else the reason phrase: releases before 8.4 have no message. */
function textOf({ reason, body }: Answer, envelope: Envelope | undefined): string {
  const message = envelope?.["message"];
  if (typeof message === "string" && message.trim() !== "") return message;
  return reason.trim() === "" && envelope === undefined ? body : reason;
}

type Envelope = Readonly<Record<string, unknown>>;

function envelopeOf(body: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Envelope {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPage(body: string): boolean {
  return body.trim() !== "" && quotable(body) === "";
}

function notJson({ body }: Answer): string {
  if (body.trim() === "") return "nothing";
  return isPage(body) ? "a web page" : "something that is no JSON object";
}

function unauthorized(said: string, { asked, identity }: Question): ProxmoxMcpError {
  const reason = quotable(said);
  return new ProxmoxMcpError(
    "PROXMOX_UNAUTHORIZED",
    `${asked} does not accept ${identity}${reason === "" ? "" : `: ${reason}`}`,
    { hint: whatToCheck(reason, identity.includes("!")) },
  );
}

function whatToCheck(reason: string, isToken: boolean): string {
  if (reason === "No ticket") {
    return "the credentials did not arrive: let the proxy in between pass them on, or name the node itself";
  }
  return isToken
    ? "check under Datacenter > Permissions > API Tokens that the token id and the secret are right and the token has not expired, and that the user and its realm are right and the user is enabled"
    : "check the user, its realm and the password, and that the user is enabled and has not expired";
}

function invalid(said: string, errors: unknown, question: Question): ProxmoxMcpError {
  const { endpoint, hide } = question;
  const faults = Object.entries(isObject(errors) ? errors : {}).map(
    ([name, fault]) => `${quotable(hide(name), 60)}: ${quotable(hide(String(fault)))}`,
  );
  const problems = faults.map((fault) => new ProxmoxMcpError("PROXMOX_INVALID", fault));
  const what = faults.length === 0 ? quotable(said) : quotable(faults.join("; "));
  return new ProxmoxMcpError(
    "PROXMOX_INVALID",
    `Proxmox refuses the parameters of ${endpoint.method} ${endpoint.path}: ${what || "it does not say which"}`,
    { hint: "change what is named and call again", problems: problems.length > 1 ? problems : [] },
  );
}

function nodeUnreachable(status: number, said: string, question: Question): ProxmoxMcpError {
  const { asked, values } = question;
  const node =
    values["node"] === undefined ? "another node" : `node ${quotable(String(values["node"]), 63)}`;
  const reason = quotable(said);
  return new ProxmoxMcpError(
    "NODE_UNREACHABLE",
    `${node} cannot be reached from ${asked} (${reason === "" ? status : `${status}, ${reason}`})`,
    { hint: "see whether the node is up and its pveproxy runs; the other nodes go on answering" },
  );
}

/** No answer of Proxmox itself: a proxy's, or another server's. */
function foreign({ status, reason }: Answer, { asked, endpoint, hide }: Question): ProxmoxMcpError {
  const phrase = quotable(hide(reason), 80);
  const shown = phrase === "" ? String(status) : `${status} ${phrase}`;
  return new ProxmoxMcpError(
    "PROXMOX_ANSWER",
    `${asked} answers ${endpoint.method} ${endpoint.path} with ${shown}, as Proxmox never does`,
    {
      hint: "check that host and port are those of the Proxmox API (8006), or see what the proxy in between does",
    },
  );
}
