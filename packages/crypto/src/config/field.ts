/** The strings of a config after expansion, each with its place. */
import type { Document, Value } from "../document/document.ts";
import { ProxmoxMcpError, type Where } from "../errors.ts";
import { isTokenLike } from "../token.ts";
import { type Environment, type Expansion, expandText } from "./expand.ts";

/** A string of the config. */
export interface TextField {
  readonly value: Value;
  readonly where: Where;
  readonly expansion: Expansion;
  /** What is wrong with its placeholders, with the place. */
  readonly problems: readonly ProxmoxMcpError[];
}

/** Where a location of a document is; for one that does not exist, the map that lacks it. */
export type Locate = (location: string) => Where;

/** Makes a function that finds locations of a document. */
export function locatorOf(document: Document, file: string | undefined): Locate {
  const starts = new Map(document.values.map(({ location, start }) => [location, start]));
  return (location) => {
    let start: number | undefined;
    for (let at = location; start === undefined; at = at.slice(0, at.lastIndexOf("/"))) {
      start = at === "" ? (starts.get("") ?? 0) : starts.get(at);
    }
    return { ...(file === undefined ? {} : { file }), location, ...document.place(start) };
  };
}

/** Expands every string of a document. */
export function expandFields(
  document: Document,
  environment: Environment,
  locate: Locate,
): readonly TextField[] {
  return document.values
    .filter(({ kind }) => kind === "string")
    .map((value) => {
      const expansion = expandText(value.text, environment);
      const where = locate(value.location);
      const assembled =
        expansion.variables.length > 0 && !expansion.single && isTokenLike(expansion.text);
      const problems = assembled ? [...expansion.problems, assembledToken()] : expansion.problems;
      return { value, where, expansion, problems: problems.map((problem) => problem.at(where)) };
    });
}

function assembledToken(): ProxmoxMcpError {
  return new ProxmoxMcpError("PLACEHOLDER", "an encrypted value is put together from pieces", {
    hint: "put the whole `enc:` value into one variable, and its placeholder alone into the field",
  });
}
