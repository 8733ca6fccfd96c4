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

/** The store of the key text. */
export const KEY_VARIABLE = "gitlab/PROXMOX_MCP_MASTER_KEY_FILE";
/** Files of the state. */
export const MERGE_REQUESTS = "gitlab/merge-requests.json";
export const DEPLOYMENTS = "gitlab/deployments.json";

/** Answers a request to the project. @returns the answer's text. */
export async function gitlab(outside: Outside, url: URL, given: Given): Promise<string> {
  const { world } = outside;
  const [, path = ""] = /^\/api\/v4\/projects\/1234\/(.+)$/.exec(url.pathname) ?? [];
  const { "--request": method = "GET", "--header": header = "" } = given.options;
  const [, token] = /^PRIVATE-TOKEN: (\S+)$/m.exec(await outside.file(header.slice(1))) ?? [];
  mustAllow(world, token, "api", "write");
  const fields = Object.fromEntries(
    ["--data", "--data-urlencode", "--form"].flatMap((option) =>
      (given.all[option] ?? []).map((field) => {
        const at = field.indexOf("=", field.indexOf("]") + 1);
        return [field.slice(0, at), field.slice(at + 1)];
      }),
    ),
  );
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
