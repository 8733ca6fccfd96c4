/** curl, for the addresses that the scripts ask. */
import { readArguments } from "./arguments.ts";
import { type Outside, Refusal, type Reply } from "./call.ts";
import { gitlab } from "./gitlab.ts";
import { PODS, type Pod } from "./kubectl.ts";
import { readState } from "./state.ts";

const WITH_VALUE = "--max-time --header --data --data-urlencode --form --request --output".split(
  " ",
);
const ALONE = ["--silent", "--show-error", "--fail", "--insecure", "--globoff", "--get"];

export async function curl(outside: Outside): Promise<Reply> {
  const given = readArguments(outside.argv, WITH_VALUE, ALONE);
  const url = new URL(given.words[0] ?? "");
  if (url.hostname === "gitlab.example.com") {
    const text = await gitlab(outside, url, given);
    return { print: given.options["--output"] === "/dev/null" ? "" : text };
  }
  const pods = readState<readonly Pod[]>(outside.world, PODS, []);
  const pod = pods.find(({ ip }) => ip === url.hostname);
  if (pod === undefined || url.pathname !== "/readyz") throw new Error(`nobody plays ${url}`);
  if (pod.ready === null) throw new Refusal("curl: (7) Failed to connect", 7);
  return { print: JSON.stringify(pod.ready) };
}
