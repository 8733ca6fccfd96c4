/** Stores of secrets, each with the one secret that it is asked for. */
import { readFileSync } from "node:fs";
import { keep, kept, print, Refusal } from "./place.ts";

/** `vault kv put PATH FIELD=-` and `vault kv get -field=FIELD PATH`. */
export function vault(argv: readonly string[]): number {
  const words = argv.filter((word) => !word.startsWith("-"));
  const [kv, verb, path = "", entry = ""] = words;
  const field = argv.find((word) => word.startsWith("-field="))?.slice("-field=".length);
  if (kv === "kv" && verb === "put" && entry.endsWith("=-")) {
    keep("vault", { ...kept("vault", {}), [`${path}#${entry.slice(0, -2)}`]: given() });
  } else if (kv === "kv" && verb === "get" && field !== undefined) {
    const text = kept<Record<string, string>>("vault", {})[`${path}#${field}`];
    if (text === undefined) throw new Refusal(`No value found at ${path}`);
    print(text);
  } else throw new Error(`nobody plays vault ${argv.join(" ")}`);
  return 0;
}

/** `gh secret set NAME --env ENV`, `gh variable set NAME`, and what starts a workflow. */
export function gh(argv: readonly string[]): number {
  const [kind = "", verb = "", name = ""] = argv;
  if (kind === "secret" && verb === "set") {
    // A secret of the repository may be read by every job of every branch.
    if (!argv.includes("--env")) throw new Refusal("the key is a secret of an environment");
    keep("github", { ...kept("github", {}), [name]: given() });
    return 0;
  }
  if (["api", "variable set", "workflow run"].some((one) => `${kind} ${verb}`.startsWith(one)))
    return 0;
  throw new Error(`nobody plays gh ${kind} ${verb}`);
}

function given(): string {
  const text = readFileSync(0, "utf8");
  if (text.trim() === "") throw new Refusal("there is nothing on standard input");
  return text;
}
