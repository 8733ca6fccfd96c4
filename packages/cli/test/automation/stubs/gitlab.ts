/** The interface of GitLab that the scripts ask by curl. */
import type { Given } from "./arguments.ts";
import { type Outside, Refusal } from "./call.ts";
import { readState, store, stored, writeState } from "./state.ts";
import { mustAllow } from "./tokens.ts";

/** What GitLab has of a merge request. */
export interface MergeRequest {
  readonly iid: number;
  readonly web_url: string;
  readonly source_branch: string;
  readonly target_branch: string;
  readonly title: string;
  readonly description: string;
  readonly state: string;
  readonly source_project_id: number;
  readonly target_project_id: number;
}

/** What GitLab has of a deployment. */
export interface Deployment {
  readonly environment: string;
  readonly sha: string;
  readonly status: string;
  readonly updated_at: string;
}

/** What GitLab has of an issue. */
export interface Issue {
  readonly iid: number;
  readonly title: string;
  readonly state: "opened" | "closed";
  /** The description, then the notes. */
  readonly texts: readonly string[];
}

/** The store of the key text. */
export const KEY_VARIABLE = "gitlab/PROXMOX_MCP_MASTER_KEY_FILE";
/** Files of the state. */
export const MERGE_REQUESTS = "gitlab/merge-requests.json";
export const DEPLOYMENTS = "gitlab/deployments.json";
export const ISSUES = "gitlab/issues.json";

export function issues(world: string): readonly Issue[] {
  return readState(world, ISSUES, []);
}

/** Answers a request to the project. @returns the answer's text. */
export async function gitlab(outside: Outside, url: URL, given: Given): Promise<string> {
  const { world } = outside;
  const [, path = ""] = /^\/api\/v4\/projects\/1234\/(.+)$/.exec(url.pathname) ?? [];
  const { "--request": method = "GET", "--header": header = "" } = given.options;
  const [, token] = /^PRIVATE-TOKEN: (\S+)$/m.exec(await outside.file(header.slice(1))) ?? [];
  mustAllow(world, token, "api", "write");
  const fields = await fieldsOf(outside, given);
  const request = `${method} ${path}`;
  if (path === "variables/PROXMOX_MCP_MASTER_KEY_FILE") {
    if (fields["filter[environment_scope]"] !== "*") throw new Refusal("HTTP 404", 22);
    if (method === "GET")
      return JSON.stringify({ value: stored(world, KEY_VARIABLE), variable_type: "file" });
    if (method !== "PUT" || fields["value"] !== "<-" || fields["variable_type"] !== "file")
      throw new Error(`nobody plays ${request}`);
    store(world, KEY_VARIABLE, await outside.stdin());
    return JSON.stringify({ value: stored(world, KEY_VARIABLE) });
  }
  if (path === "issues" || path.startsWith("issues/"))
    return JSON.stringify(answerOfIssues(world, request, fields));
  const known = readState<readonly MergeRequest[]>(world, MERGE_REQUESTS, []);
  const { source_branch: source = "", target_branch: target = "" } = fields;
  const found = known.filter(
    (one) => one.state === "opened" && one.source_branch === source && one.target_branch === target,
  );
  if (request === "GET merge_requests") {
    if (fields["state"] !== "opened") throw new Error("nobody plays this state");
    return JSON.stringify(found);
  }
  if (request === "POST merge_requests") {
    if (found.length > 0) throw new Refusal("HTTP 409", 22);
    const iid = known.length + 1;
    const next: MergeRequest = {
      iid,
      web_url: `https://gitlab.example.com/example/configs/-/merge_requests/${iid}`,
      source_branch: source,
      target_branch: target,
      title: fields["title"] ?? "",
      description: fields["description"] ?? "",
      state: "opened",
      source_project_id: 1234,
      target_project_id: 1234,
    };
    writeState(world, MERGE_REQUESTS, [...known, next]);
    return JSON.stringify(next);
  }
  if (request === "GET deployments") {
    if (fields["order_by"] !== "updated_at" || fields["sort"] !== "desc")
      throw new Error("nobody plays this order");
    const all = readState<readonly Deployment[]>(world, DEPLOYMENTS, []);
    const wanted = all.filter(({ environment }) => environment === fields["environment"]);
    return JSON.stringify([...wanted].reverse());
  }
  throw new Error(`nobody plays ${request}`);
}

type Fields = Readonly<Record<string, string>>;

// For curl the first "=" ends a name. Without one, an "@" does, and the value comes from a file.
async function fieldsOf(outside: Outside, { all }: Given): Promise<Fields> {
  const fields: Record<string, string> = {};
  for (const option of ["--data", "--data-urlencode", "--form"]) {
    for (const field of all[option] ?? []) {
      const at = field.indexOf("=", field.indexOf("]") + 1);
      if (at >= 0) fields[field.slice(0, at)] = field.slice(at + 1);
      else if (option === "--data-urlencode" && field.endsWith("@-"))
        fields[field.slice(0, -2)] = await outside.stdin();
      else throw new Error(`nobody plays ${option} ${field}`);
    }
  }
  return fields;
}

function answerOfIssues(world: string, request: string, fields: Fields): unknown {
  const known = issues(world);
  const { title = "", description = "", body = "" } = fields;
  if (request === "GET issues") {
    if (fields["in"] !== "title" || fields["per_page"] !== "100")
      throw new Error("nobody plays this search");
    // The newest first, and any that has all words.
    const words = (fields["search"] ?? "").toLowerCase().split(" ");
    return [...known]
      .reverse()
      .filter(({ state }) => fields["state"] === undefined || state === fields["state"])
      .filter((issue) => words.every((word) => issue.title.toLowerCase().includes(word)));
  }
  if (request === "POST issues") {
    if (title === "") throw new Refusal("HTTP 400", 22);
    const next: Issue = { iid: known.length + 1, title, state: "opened", texts: [description] };
    writeState(world, ISSUES, [...known, next]);
    return next;
  }
  const [, method, number, notes] = /^(POST|PUT) issues\/(\d+)(\/notes)?$/.exec(request) ?? [];
  const issue = known.find(({ iid }) => String(iid) === number);
  const isNote = method === "POST" && notes !== undefined;
  if (!isNote && !(method === "PUT" && fields["state_event"] === "close"))
    throw new Error(`nobody plays ${request}`);
  if (issue === undefined) throw new Refusal("HTTP 404", 22);
  if (isNote && body === "") throw new Refusal("HTTP 400", 22);
  const next: Issue = isNote
    ? { ...issue, texts: [...issue.texts, body] }
    : { ...issue, state: "closed" };
  writeState(
    world,
    ISSUES,
    known.map((one) => (one === issue ? next : one)),
  );
  return next;
}
