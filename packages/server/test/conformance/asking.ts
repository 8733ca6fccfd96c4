/** The suite's tools that need something of the client before they can answer. */
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type GetPromptResult,
  type InputRequest,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { text } from "./content.ts";

export type Ask = (
  context: ServerContext,
) => CallToolResult | InputRequiredResult | Promise<CallToolResult | InputRequiredResult>;

const NAME = z.object({ name: z.string() });
const OK = z.object({ ok: z.boolean() });

const askName = (message: string) => inputRequired.elicit({ message, requestedSchema: NAME });
const askOk = () => inputRequired.elicit({ message: "Please confirm", requestedSchema: OK });
export const askModel = (words: string): InputRequest =>
  inputRequired.createMessage({
    messages: [{ role: "user", content: text(words) }],
    maxTokens: 100,
  });
export const done = (words: string): CallToolResult => ({ content: [text(words)] });

const KEY = "example-key-of-a-test-with-32-bytes-or-more";
const states = createRequestStateCodec<{ readonly round: number }>({ key: KEY });

/** What the client sends back of its state. @throws ProtocolError where it is not ours. */
async function roundOf(context: ServerContext): Promise<number> {
  const state = context.mcpReq.requestState<string>();
  if (state === undefined) return 0;
  try {
    return (await states.verify(state, context)).round;
  } catch {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "this request state is not ours");
  }
}

const confirmed: Ask = async (context) => {
  const round = await roundOf(context);
  if (round === 1 && acceptedContent(context.mcpReq.inputResponses, "confirm", OK) !== undefined) {
    return done("state-ok");
  }
  return inputRequired({
    inputRequests: { confirm: askOk() },
    requestState: await states.mint({ round: 1 }),
  });
};

/** The prompt that asks. */
export function askingPrompt({ mcpReq }: ServerContext): GetPromptResult | InputRequiredResult {
  const schema = z.object({ context: z.string() });
  const content = acceptedContent(mcpReq.inputResponses, "user_context", schema);
  if (content !== undefined) {
    return { messages: [{ role: "user", content: text(content.context) }] };
  }
  const message = "What context should the prompt use?";
  return inputRequired({
    inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema: schema }) },
  });
}

/** Their calls, by name. */
export const ASKING: Readonly<Record<string, Ask>> = {
  test_input_required_result_elicitation({ mcpReq }) {
    const given = acceptedContent(mcpReq.inputResponses, "user_name", NAME);
    if (given !== undefined) return done(`Hello, ${given.name}!`);
    return inputRequired({ inputRequests: { user_name: askName("What is your name?") } });
  },
  test_input_required_result_sampling({ mcpReq }) {
    const given = inputResponse(mcpReq.inputResponses, "capital_question");
    if (given.kind === "sampling") return done(JSON.stringify(given.result.content));
    return inputRequired({
      inputRequests: { capital_question: askModel("What is the capital of France?") },
    });
  },
  test_input_required_result_list_roots({ mcpReq }) {
    const given = inputResponse(mcpReq.inputResponses, "client_roots");
    if (given.kind === "roots") return done(given.roots.map(({ uri }) => uri).join());
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  },
  test_input_required_result_request_state: confirmed,
  test_input_required_result_tampered_state: confirmed,
  async test_input_required_result_multiple_inputs(context) {
    const { inputResponses } = context.mcpReq;
    const keys = ["user_name", "greeting", "client_roots"];
    const isAnswered = keys.every((key) => inputResponse(inputResponses, key).kind !== "missing");
    if ((await roundOf(context)) === 1 && isAnswered) return done("all answered");
    return inputRequired({
      inputRequests: {
        user_name: askName("What is your name?"),
        greeting: askModel("Generate a greeting"),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ round: 1 }),
    });
  },
  async test_input_required_result_multi_round(context) {
    const round = await roundOf(context);
    if (round === 2) return done("both steps done");
    const message = "What is your favorite color?";
    const requestedSchema = z.object({ color: z.string() });
    return inputRequired({
      inputRequests:
        round === 0
          ? { step1: askName("What is your name?") }
          : { step2: inputRequired.elicit({ message, requestedSchema }) },
      requestState: await states.mint({ round: round + 1 }),
    });
  },
  test_input_required_result_capabilities({ mcpReq }) {
    const envelope: Readonly<Record<string, ClientCapabilities | undefined>> =
      mcpReq.envelope ?? {};
    const { sampling, elicitation } = envelope[CLIENT_CAPABILITIES_META_KEY] ?? {};
    return inputRequired({
      inputRequests: {
        ...(sampling !== undefined && { greeting: askModel("Generate a greeting") }),
        ...(elicitation !== undefined && { user_name: askName("What is your name?") }),
      },
    });
  },
  test_missing_capability: () =>
    inputRequired({ inputRequests: { greeting: askModel("Generate a greeting") } }),
};
