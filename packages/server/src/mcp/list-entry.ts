/** A tool as `tools/list` describes it. */
import type { Tool as ListedTool, ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Effect, Tool } from "../tools/tool.ts";

/** What clients are told about a tool: its words, its schemas, and hints on what it may do. */
export function listEntry({ name, title, description, effect, input, output }: Tool): ListedTool {
  return {
    name,
    title,
    description,
    inputSchema: objectSchema(input, "input"),
    outputSchema: objectSchema(output, "output"),
    annotations: { title, ...HINTS[effect] },
  };
}

const HINTS: Readonly<Record<Effect, ToolAnnotations>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  change: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  interrupt: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  destroy: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  // A command may do anything, and reach anything that its guest reaches.
  "run-command": {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
};

function objectSchema(schema: z.ZodObject, io: "input" | "output"): ListedTool["inputSchema"] {
  const { type, ...rest } = z.toJSONSchema(schema, { io, override: asClientsNeedIt });
  if (type !== "object") throw new TypeError("a tool takes and gives an object");
  return { type, ...rest } as ListedTool["inputSchema"];
}

function asClientsNeedIt({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  // That a whole number is one that JavaScript holds exactly is no news to clients.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  // zod leaves the default out where text is taken for a number.
  const { def } = zodSchema._zod;
  if (def.type === "default") jsonSchema.default = def.defaultValue;
}
