/** The suite's tools that can be tools of ours: the same declaration, policy and way of running. */
import { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { z } from "zod";
import { defineTool, type Tool } from "../../src/tools/tool.ts";

const said = z.object({ text: z.string() });

function fixture<Input extends z.ZodObject>(
  name: string,
  input: Input,
  run: Tool<Input, typeof said>["run"],
): Tool {
  return defineTool({
    name,
    title: name,
    description: `A fixture of the conformance suite: ${name}.`,
    mode: "read-only",
    effect: "read",
    recorded: [],
    calls: [],
    input,
    output: said,
    run,
    text: ({ text }) => text,
  });
}

const NOTHING = z.strictObject({});

/**
 * Makes them.
 *
 * @param changeToolList puts a config in force under which other tools are on offer.
 */
export function fixtureTools(changeToolList: () => void): readonly Tool[] {
  return [
    fixture("test_simple_text", NOTHING, async () => ({
      text: "This is a simple text response for testing.",
    })),
    fixture("test_error_handling", NOTHING, async () => {
      throw new ProxmoxMcpError(
        "TASK_FAILED",
        "This tool intentionally returns an error for testing",
        {
          hint: "none is needed",
        },
      );
    }),
    fixture("test_tool_with_progress", NOTHING, async (_args, { progress }) => {
      for (const step of ["begun", "half done", "done"]) progress(step);
      return { text: "done" };
    }),
    fixture(
      "test_elicitation",
      z.strictObject({ message: z.string() }),
      async ({ message }, { approve }) => {
        await approve(message);
        return { text: "User response: accept" };
      },
    ),
    fixture("test_streaming_elicitation", NOTHING, async (_args, { approve, progress }) => {
      progress("asking");
      await approve("May it go on?");
      return { text: "done" };
    }),
    fixture("test_trigger_tool_change", NOTHING, async () => {
      changeToolList();
      return { text: "other tools are on offer" };
    }),
  ];
}
