/** Our own servers with the suite's fixtures added: what our factory has no place for. */
import {
  type CallToolResult,
  completable,
  type InputRequiredResult,
  type ListToolsResult,
  type McpRequestContext,
  type McpServer,
  ResourceTemplate,
  type Result,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { createFactory } from "../../src/mcp/factory.ts";
import { ASKING, askingPrompt } from "./asking.ts";
import { CONTENT, embedded, PNG, text } from "./content.ts";
import { PUSHING } from "./pushing.ts";

type Handler = (request: { readonly method: string }, context: ServerContext) => Promise<Result>;

const ADDED = [...Object.keys(CONTENT), ...Object.keys(ASKING), ...Object.keys(PUSHING)];
const WATCHED = "test://watched-resource";

/** Makes the factory of the test server. */
export function createFixtureFactory(
  ...given: Parameters<typeof createFactory>
): (context: McpRequestContext) => McpServer {
  const factory = createFactory(...given);
  return (requestContext) => {
    const mcp = factory(requestContext);
    addTools(mcp);
    addResources(mcp);
    addPrompts(mcp);
    mcp.server.registerCapabilities({
      logging: {},
      // Nothing here tells of a change of these.
      resources: { subscribe: true, listChanged: false },
      prompts: { listChanged: false },
    });
    return mcp;
  };
}

function addTools({ server }: McpServer): void {
  // Ours answer first; the SDK lets a handler be replaced, and hands out the one before to subclasses only.
  const list = server["_getRequestHandler"]("tools/list") as Handler;
  const call = server["_getRequestHandler"]("tools/call") as Handler;
  server.setRequestHandler("tools/list", async (request, context) => {
    const { tools } = (await list(request, context)) as ListToolsResult;
    const added = ADDED.map((name) => ({
      name,
      description: `A fixture of the conformance suite: ${name}.`,
      inputSchema: { type: "object" as const },
    }));
    return { tools: [...tools, ...added] };
  });
  server.setRequestHandler("tools/call", async (request, context) => {
    const { name, arguments: args = {} } = request.params;
    const asking = ASKING[name] ?? PUSHING[name];
    if (asking !== undefined) return await asking(context);
    const content = CONTENT[name];
    if (content !== undefined) return await content(args, context);
    return (await call(request, context)) as CallToolResult | InputRequiredResult;
  });
}

function addResources(mcp: McpServer): void {
  const plain = { mimeType: "text/plain" };
  mcp.registerResource("text", "test://static-text", plain, ({ href }) => ({
    contents: [{ uri: href, mimeType: "text/plain", text: "A static text." }],
  }));
  mcp.registerResource("binary", "test://static-binary", { mimeType: "image/png" }, ({ href }) => ({
    contents: [{ uri: href, mimeType: "image/png", blob: PNG }],
  }));
  mcp.registerResource("watched", WATCHED, plain, ({ href }) => ({
    contents: [{ uri: href, mimeType: "text/plain", text: "It never changes." }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  mcp.registerResource("template", template, plain, ({ href }, { id }) => ({
    contents: [{ uri: href, mimeType: "text/plain", text: `Data of ${id}` }],
  }));
  mcp.server.setRequestHandler("resources/subscribe", () => ({}));
  mcp.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function addPrompts(mcp: McpServer): void {
  const say = (...content: (ReturnType<typeof text> | ReturnType<typeof embedded>)[]) => ({
    messages: content.map((part) => ({ role: "user" as const, content: part })),
  });
  mcp.registerPrompt("test_simple_prompt", { description: "Says a sentence." }, () =>
    say(text("This is a simple prompt.")),
  );
  const arg1 = completable(z.string(), (begun) =>
    ["testament", "tested"].filter((word) => word.startsWith(begun)),
  );
  const argsSchema = z.object({ arg1, arg2: z.string() });
  mcp.registerPrompt(
    "test_prompt_with_arguments",
    { description: "Repeats its arguments.", argsSchema },
    (given) => say(text(`arg1='${given.arg1}', arg2='${given.arg2}'`)),
  );
  mcp.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "Holds a resource.", argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => say(embedded(resourceUri), text("Please read what stands above.")),
  );
  mcp.registerPrompt("test_prompt_with_image", { description: "Shows an image." }, () => ({
    messages: [{ role: "user", content: { type: "image", data: PNG, mimeType: "image/png" } }],
  }));
  mcp.registerPrompt(
    "test_input_required_result_prompt",
    { description: "Asks first." },
    askingPrompt,
  );
}
