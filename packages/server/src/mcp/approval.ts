/** Asking the person at the client before something is done that does not come back. */
import { createHash } from "node:crypto";
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";

/** The call that a question is about. */
export interface AskedCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * Ends a round of a call: the client asks its person and calls again, with the answer. In the older
 * era the SDK does both for the client within the same call.
 */
export class QuestionOpen extends Error {
  override readonly name = "QuestionOpen";
  readonly result: InputRequiredResult;

  constructor(result: InputRequiredResult) {
    super("the person at the client is being asked");
    this.result = result;
  }
}

/**
 * Makes the question of one call: by elicitation, where the client has declared that it can.
 *
 * Nothing is remembered between the rounds. The call runs again from its start, and the answer counts
 * only where the same question comes up again: its key is made of the tool, of the arguments and of the
 * words, in which the guest stands as it is then. There is no state that a client could forge; one that
 * says yes without asking its person could do so in any case.
 *
 * @returns a function that returns once the person has agreed, and at once where nobody can be asked.
 * It throws QuestionOpen where the person has yet to be asked, CANCELLED where the answer is no.
 */
export function approval(
  server: Server,
  context: ServerContext,
  call: AskedCall,
): (question: string) => Promise<void> {
  return async (message) => {
    if (!canAsk(server, context)) return;
    const key = keyOf(call, message);
    const answer = inputResponse(context.mcpReq.inputResponses, key);
    if (answer.kind !== "elicit") throw new QuestionOpen(questionOf(key, message));
    if (answer.action === "accept") return;
    throw new ProxmoxMcpError("CANCELLED", `the person at the client said no: ${answer.action}`, {
      hint: "nothing was changed; ask the person what is wanted instead",
    });
  };
}

function questionOf(key: string, message: string): InputRequiredResult {
  const requestedSchema = { type: "object", properties: {} } as const;
  return inputRequired({
    inputRequests: { [key]: inputRequired.elicit({ message, requestedSchema }) },
  });
}

// A client that opens pages alone cannot show a question; one that does not say what it can, can.
function canAsk(server: Server, { mcpReq }: ServerContext): boolean {
  const elicitation = capabilitiesOf(server, mcpReq.envelope)?.elicitation;
  if (elicitation === undefined) return false;
  return elicitation.form !== undefined || elicitation.url === undefined;
}

// The newer era declares them with each request, the older one once for a connection.
function capabilitiesOf(
  server: Server,
  envelope: Readonly<Record<string, unknown>> = {},
): ClientCapabilities | undefined {
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY];
  return (declared as ClientCapabilities | undefined) ?? server.getClientCapabilities();
}

function keyOf({ tool, arguments: args }: AskedCall, message: string): string {
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify([tool, sorted, message]));
  return `approve-${digest.digest("hex")}`;
}
