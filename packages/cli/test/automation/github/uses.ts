/** Plays the actions of others that our workflows use. */
import { execFileSync } from "node:child_process";
import { ADDRESSES, insteadOf } from "../stubs/git.ts";
import { readState } from "../stubs/state.ts";
import { type Access, allows, grant, mustAllow, tokens } from "../stubs/tokens.ts";
import type { Platform } from "./platform.ts";

/** What a played action is given. */
export interface Use {
  readonly platform: Platform;
  readonly with: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly home: string;
  /** What is checked out where nothing else is named. */
  readonly ref: string;
  readonly token: string;
}

/** Outputs of a step. @throws Error for a step that fails. */
type Play = (use: Use) => Readonly<Record<string, string>>;

/** By the name ahead of the `@`. */
export const PLAYED: Readonly<Record<string, Play>> = {
  "actions/checkout": checkout,
  "actions/setup-node": setUpNode,
  "actions/create-github-app-token": createAppToken,
};

function checkout({ platform, with: given, workspace, home, ref, token }: Use) {
  onlyKnows(given, ["ref", "fetch-depth", "persist-credentials", "token", "path"]);
  const { ref: wanted = ref, "fetch-depth": depth = "1", path = "." } = given;
  const credentials = given["token"] ?? token;
  mustAllow(platform.world.directory, credentials, "contents", "read");
  const directory = path === "." ? workspace : `${workspace}/${path}`;
  const git = (...argv: readonly string[]) =>
    execFileSync("git", ["-C", directory, ...argv], {
      encoding: "utf8",
      stdio: "pipe",
      env: { PATH: process.env["PATH"], HOME: home, ...insteadOf(platform.world.directory) },
    });
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", directory]);
  git("remote", "add", "origin", ADDRESSES.github);
  const branch = wanted.replace(/^refs\/heads\//, "");
  if (depth === "0") git("fetch", "--quiet", "origin");
  else {
    const spec = /^[0-9a-f]{40}$/.test(branch)
      ? branch
      : `+refs/heads/${branch}:refs/remotes/origin/${branch}`;
    git("fetch", "--quiet", `--depth=${depth}`, "origin", spec);
  }
  if (/^[0-9a-f]{40}$/.test(branch)) git("checkout", "--quiet", "--detach", branch);
  else git("checkout", "--quiet", "-B", branch, `refs/remotes/origin/${branch}`);
  if (given["persist-credentials"] !== "false") {
    const header = Buffer.from(`x-access-token:${credentials}`).toString("base64");
    git("config", "http.https://github.com/.extraheader", `AUTHORIZATION: basic ${header}`);
  }
  return { commit: git("rev-parse", "HEAD").trim() };
}

function setUpNode({ with: given }: Use) {
  onlyKnows(given, ["node-version", "package-manager-cache"]);
  return {};
}

function createAppToken({ platform, with: given }: Use) {
  const { directory } = platform.world;
  const permissions: Record<string, Access> = {};
  const others: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("permission-"))
      permissions[name.slice("permission-".length)] = value as Access;
    else others[name] = value;
  }
  onlyKnows(others, ["app-id", "client-id", "private-key", "owner", "repositories"]);
  if (!(others["app-id"] || others["client-id"]) || !others["private-key"])
    throw new Error("Input required and not supplied: private-key");
  const { works } = readState(directory, "app.json", { works: true });
  if (!works) throw new Error("A JSON web token could not be decoded");
  const beyond = Object.entries(permissions)
    .filter(([name, access]) => !allows(platform.app, name, access))
    .map(([name, access]) => `${name}: ${access}`);
  if (beyond.length > 0) {
    const refusal = "The permissions requested are not granted to this installation.";
    throw new Error(`HTTP 422: ${refusal} ${beyond.join(", ")}`);
  }
  // Whoever asks for nothing gets all of it.
  const asked = Object.keys(permissions).length > 0 ? permissions : platform.app;
  const number = Object.keys(tokens(directory)).length;
  const token = grant(directory, `ghs_exampleAppToken${number}`, asked);
  return { token, "app-slug": "example-app" };
}

function onlyKnows(given: Readonly<Record<string, string>>, names: readonly string[]): void {
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`unknown input ${unknown.join(", ")}`);
}
