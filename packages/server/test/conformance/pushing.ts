/**
 * The suite's tools of revisions before 2026-07-28: there the client gets a request of its own in the
 * middle of a call, which the SDK makes of the same results as in asking.ts.
 */
import {
  type ElicitRequestFormParams,
  inputRequired,
  inputResponse,
} from "@modelcontextprotocol/server";
import { type Ask, askModel, done } from "./asking.ts";

const names = ["one", "two", "three"];
const titled = names.map((name) => ({ const: name, title: `Choice ${name}` }));

const DEFAULTS: ElicitRequestFormParams["requestedSchema"]["properties"] = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const ENUMS: ElicitRequestFormParams["requestedSchema"]["properties"] = {
  untitledSingle: { type: "string", enum: names },
  titledSingle: { type: "string", oneOf: titled },
  legacyEnum: { type: "string", enum: names, enumNames: ["One", "Two", "Three"] },
  untitledMulti: { type: "array", items: { type: "string", enum: names } },
  titledMulti: { type: "array", items: { anyOf: titled } },
};

const askForm =
  (properties: ElicitRequestFormParams["requestedSchema"]["properties"]): Ask =>
  ({ mcpReq }) => {
    const given = inputResponse(mcpReq.inputResponses, "form");
    if (given.kind === "elicit") {
      return done(`Elicitation completed: ${given.action}, ${JSON.stringify(given.content)}`);
    }
    const requestedSchema = { type: "object" as const, properties };
    const form = inputRequired.elicit({ message: "Please look at this form", requestedSchema });
    return inputRequired({ inputRequests: { form } });
  };

/** Their calls, by name. */
export const PUSHING: Readonly<Record<string, Ask>> = {
  test_sampling({ mcpReq }) {
    const given = inputResponse(mcpReq.inputResponses, "answer");
    if (given.kind === "sampling") return done(JSON.stringify(given.result.content));
    return inputRequired({ inputRequests: { answer: askModel("Test prompt for sampling") } });
  },
  test_elicitation_sep1034_defaults: askForm(DEFAULTS),
  test_elicitation_sep1330_enums: askForm(ENUMS),
};
