/** GitHub's command line tool, as far as the scripts use it. */

import { type Given, readArguments } from "./arguments.ts";
import { type Outside, Refusal, type Reply } from "./call.ts";
import { readState, store, writeState } from "./state.ts";
import { mustAllow } from "./tokens.ts";

/** What GitHub has of a pull request. */
export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly state: "OPEN" | "MERGED" | "CLOSED";
  /** Whether its branch is one of a fork. */
  readonly isCrossRepository?: boolean;
}

/** What GitHub has of an issue. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly state: "OPEN" | "CLOSED";
  /** The text of the issue, then its comments. */
  readonly texts: readonly string[];
}

/** What GitHub has of a deployment. */
export interface Deployment {
  readonly environment: string;
  readonly commitOid: string;
  readonly state: "SUCCESS" | "FAILURE" | "INACTIVE" | "IN_PROGRESS" | "WAITING";
  readonly createdAt: string;
}

const WITH_VALUE = [
  ..."--repo --env --head --base --state --json --jq --title --body-file --limit --comment --raw-field".split(
    " ",
  ),
];

export async function gh(outside: Outside): Promise<Reply> {
  const given = readArguments(outside.argv, WITH_VALUE);
  const [first = "", second = ""] = given.words;
  const act = ACTS[`${first} ${second}`];
  if (act === undefined) throw new Error(`nobody plays gh ${first} ${second}`);
  if (first !== "api" && given.options["--repo"] !== "example/configs")
    throw new Refusal("no repository of this name");
  return { print: (await act(outside, given)) ?? "" };
}

/** @returns what is printed. */
type Command = (outside: Outside, given: Given) => Promise<string | undefined>;

const ACTS: Readonly<Record<string, Command>> = {
  "secret set": async (outside, { words, options }) => {
    const { "--env": environment } = options;
    may(outside, environment === undefined ? "secrets" : "environments", "write");
    const name = words[2] ?? "";
    // It takes the line breaks at the end away.
    const text = (await outside.stdin()).replace(/[\r\n]+$/, "");
    const { lines } = readState<{ lines?: number }>(outside.world, SECRETS, {});
    store(
      outside.world,
      `github/${environment ?? "repository"}/${name}`,
      text.split("\n").slice(0, lines).join("\n"),
    );
  },
  "pr list": async (outside, { options }) => {
    may(outside, "pull-requests", "read");
    expectOption(options, "--jq", ".[] | select(.isCrossRepository | not) | .url");
    const found = pulls(outside.world).filter(
      ({ head, base, state, isCrossRepository }) =>
        head === options["--head"] &&
        base === options["--base"] &&
        !isCrossRepository &&
        state === options["--state"]?.toUpperCase(),
    );
    return found.map(({ url }) => `${url}\n`).join("");
  },
  "pr create": async (outside, { options }) => {
    may(outside, "pull-requests", "write");
    const { "--head": head = "", "--base": base = "", "--title": title = "" } = options;
    const known = pulls(outside.world);
    if (
      known.some((pull) => !pull.isCrossRepository && pull.head === head && pull.state === "OPEN")
    )
      throw new Refusal(`a pull request for branch "${head}" already exists`);
    const number = known.length + 1;
    const url = `https://github.com/example/configs/pull/${number}`;
    const body = await outside.stdin();
    writeState(outside.world, PULLS, [
      ...known,
      { number, url, head, base, title, body, state: "OPEN" } satisfies Pull,
    ]);
    return `${url}\n`;
  },
  "issue list": async (outside, { options }) => {
    may(outside, "issues", "read");
    expectOption(
      options,
      "--jq",
      "[.[] | select(.title == env.PROXMOX_MCP_TITLE) | .number] | min // empty",
    );
    const title = outside.env["PROXMOX_MCP_TITLE"];
    const found = issues(outside.world).find(
      (issue) => issue.state === "OPEN" && issue.title === title,
    );
    return found && `${found.number}\n`;
  },
  "issue create": async (outside, { options }) => {
    may(outside, "issues", "write");
    const known = issues(outside.world);
    const { "--title": title = "" } = options;
    const number = known.length + 1;
    const issue: Issue = { number, title, state: "OPEN", texts: [await outside.stdin()] };
    writeState(outside.world, ISSUES, [...known, issue]);
    return `https://github.com/example/configs/issues/${number}\n`;
  },
  "issue comment": async (outside, { words }) => {
    const comment = await outside.stdin();
    return changeIssue(outside, words[2], (issue) => ({
      ...issue,
      texts: [...issue.texts, comment],
    }));
  },
  "issue close": async (outside, { words, options }) =>
    changeIssue(outside, words[2], (issue) => ({
      ...issue,
      state: "CLOSED",
      texts: [...issue.texts, options["--comment"] ?? ""],
    })),
  "api graphql": async (outside, { all }) => {
    may(outside, "deployments", "read");
    const fields = Object.fromEntries(
      (all["--raw-field"] ?? []).map((field) => [
        field.slice(0, field.indexOf("=")),
        field.replace(/^\w+=/, ""),
      ]),
    );
    const { owner, name, environment, query = "" } = fields;
    if (owner !== "example" || name !== "configs") throw new Refusal("no repository of this name");
    if (!/\bdeployments\(.*commitOid latestStatus \{ state createdAt \}/s.test(query))
      throw new Error(`nobody plays the query ${query}`);
    const nodes = readState<readonly Deployment[]>(outside.world, DEPLOYMENTS, [])
      .filter((deployment) => deployment.environment === environment)
      .reverse()
      .map(({ commitOid, state, createdAt }) => ({
        commitOid,
        latestStatus: { state, createdAt },
      }));
    return JSON.stringify({ data: { repository: { deployments: { nodes } } } });
  },
};

/** Files of the state. */
export const PULLS = "github/pulls.json";
export const ISSUES = "github/issues.json";
export const DEPLOYMENTS = "github/deployments.json";
/** How many lines of a secret are kept, if not all. */
export const SECRETS = "github/secrets.json";

export function pulls(world: string): readonly Pull[] {
  return readState(world, PULLS, []);
}

export function issues(world: string): readonly Issue[] {
  return readState(world, ISSUES, []);
}

function changeIssue(
  outside: Outside,
  number: string | undefined,
  change: (issue: Issue) => Issue,
): undefined {
  may(outside, "issues", "write");
  const known = issues(outside.world);
  if (!known.some((issue) => String(issue.number) === number)) throw new Refusal("no such issue");
  writeState(
    outside.world,
    ISSUES,
    known.map((issue) => (String(issue.number) === number ? change(issue) : issue)),
  );
}

function may({ world, env }: Outside, permission: string, access: "read" | "write"): void {
  mustAllow(world, env["GH_TOKEN"], permission, access);
}

function expectOption(
  options: Readonly<Record<string, string>>,
  name: string,
  value: string,
): void {
  if (options[name] !== value) throw new Error(`nobody plays ${name} ${options[name]}`);
}
