/** How a call ends, as MCP says it. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { errorJson } from "@proxmox-mcp/crypto/internal";

/** The way out of UNEXPECTED. */
export const UNEXPECTED_HINT =
  "the server's log at level DEBUG says where it happened; report that";

/** Where an error result holds its code, message, place and hint for programs. */
export const ERROR_DATA = "proxmox-mcp/error";

/**
 * A failure as the result of a call. Its data stands in `_meta`: older clients check
 * `structuredContent` against the tool's output schema even where `isError` is set.
 */
export function errorResult(error: ProxmoxMcpError): CallToolResult {
  return {
    isError: true,
    content: [{ type: "text", text: formatError(error) }],
    _meta: { [ERROR_DATA]: errorJson(error) },
  };
}

/** A result for programs, and the same in short for people. */
export function okResult(structured: Record<string, unknown>, text: string): CallToolResult {
  return { content: [{ type: "text", text }], structuredContent: structured };
}
