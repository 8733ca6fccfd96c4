/** The suite's tools whose results our own tools have no place for, and what stands in them. */
import type {
  CallToolResult,
  EmbeddedResource,
  ServerContext,
  TextContent,
} from "@modelcontextprotocol/server";

export type Call = (
  args: Readonly<Record<string, unknown>>,
  context: ServerContext,
) => CallToolResult | Promise<CallToolResult>;

/** One white pixel. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
/** A header, and no sound. */
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const image = { type: "image", data: PNG, mimeType: "image/png" } as const;
const audio = { type: "audio", data: WAV, mimeType: "audio/wav" } as const;

export const text = (words: string): TextContent => ({ type: "text", text: words });

/** A resource within other content. */
export const embedded = (uri: string): EmbeddedResource => ({
  type: "resource",
  resource: { uri, mimeType: "text/plain", text: "This is an embedded resource content." },
});

async function withLogging(_args: unknown, { mcpReq }: ServerContext): Promise<CallToolResult> {
  for (const step of ["started", "at work", "completed"]) await mcpReq.log("info", step);
  return { content: [text("done")] };
}

/** Their calls, by name. */
export const CONTENT: Readonly<Record<string, Call>> = {
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [audio] }),
  test_embedded_resource: () => ({ content: [embedded("test://embedded-resource")] }),
  test_multiple_content_types: () => ({
    content: [text("Several kinds:"), image, embedded("test://mixed-content-resource")],
  }),
  test_tool_with_logging: withLogging,
  test_logging_tool: withLogging,
};
