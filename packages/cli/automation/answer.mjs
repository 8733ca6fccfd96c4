/**
 * Answers one question about a JSON result on standard input: of the CLI, of GitHub or of GitLab.
 *
 *   node answer.mjs QUESTION [ARGUMENT] < result.json
 *
 * `rotated` prints each file with a NUL behind it. `sealed-with KEYID` prints on standard error what speaks
 * against it, and ends with 1 then. `unfinished DAYS` prints a line if a change of keys stands still for longer.
 * `gitlab-value` ends with 1 where there is no value. The others print text, or nothing.
 */
import { readFileSync } from "node:fs";

const QUESTIONS = {
  phase: ({ phase }) => phase,
  outcome: ({ outcome }) => outcome,
  "key-id": ({ key }) => key.id,
  "key-ids": ({ key }) => key.ids.join(" "),
  "new-key-id": ({ newKeyId }) => newKeyId,
  "active-key-id": ({ activeKeyId }) => activeKeyId,
  error: ({ error }) => [error?.code, error?.file, error?.location].filter(Boolean).join(" "),
  findings: ({ findings }) => findings.map(findingLine).join("\n"),
  unfinished: unfinishedLine,
  unopened: ({ files }) =>
    tokensOf(files)
      .filter(({ opens }) => !opens)
      .map(problemLine)
      .join("\n"),
  // That nothing needs the active key is no reason to keep an old one.
  obstacles: ({ obstacles = [] }) =>
    obstacles
      .filter(({ kind }) => kind !== "unused")
      .map(({ file, line, message }) => [file, line, message].filter(Boolean).join(":"))
      .join("\n"),
  "github-deployments": ({ data }) =>
    deployedCommits(
      data.repository.deployments.nodes.map(({ commitOid, latestStatus }) => ({
        commit: commitOid,
        state: latestStatus?.state,
        at: latestStatus?.createdAt,
      })),
    ),
  "gitlab-deployments": (deployments) =>
    deployedCommits(
      deployments.map(({ sha, status, deployable, updated_at: updatedAt }) => ({
        commit: sha,
        state: status,
        at: deployable?.finished_at ?? updatedAt,
      })),
    ),
  // A branch of the same name in a fork is not ours.
  "gitlab-merge-request": (requests) =>
    [requests].flat().find((request) => request.source_project_id === request.target_project_id)
      ?.web_url,
  // A search finds titles that hold this one, too. deploy/gitlab/rotate-keys.yml has a copy, for when nothing could
  // be installed.
  "gitlab-issue": (issues, title) =>
    issues
      .filter((issue) => issue.title === title)
      .map(({ iid }) => iid)
      .sort((one, other) => one - other)[0],
  // Of a server: the key that it seals with, if all that it opened needed that one alone.
  "runs-on": ({ keys: { active, opened_with: ids } }) =>
    ids.length > 0 && ids.every((id) => id === active) ? active : "",
  "gitlab-value": gitlabValue,
};

const OVER = ["SUCCESS", "FAILURE", "ERROR", "INACTIVE", "FAILED", "CANCELED", "SKIPPED"];
const DAY = 86_400_000;

const [question, argument] = process.argv.slice(2);
const input = readFileSync(0, "utf8");
const result = question === "error" ? whatIsThere() : whole();
if (question === "rotated") {
  const files = result.outcome === "rotated" ? result.files : [];
  process.stdout.write(files.map(({ file }) => `${file}\0`).join(""));
} else if (question === "sealed-with") {
  const others = notSealedWith(result, argument);
  process.stderr.write(others.map((line) => `${line}\n`).join(""));
  process.exitCode = others.length === 0 ? 0 : 1;
} else {
  const text = QUESTIONS[question](result, argument);
  if (text) process.stdout.write(`${text}\n`);
}

/** What JSON.parse throws is printed together with the text, and that may hold a key. */
function whole() {
  try {
    return JSON.parse(input);
  } catch {
    return fail("the answer is no JSON, or not all of it");
  }
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

/** What is no text must not get into the place of a key. */
function gitlabValue(variable) {
  const value = variable?.value;
  if (typeof value === "string" && value !== "") return value;
  return fail("the variable has no value that can be read");
}

/** A tool that was killed left nothing, or half of it. */
function whatIsThere() {
  try {
    return JSON.parse(input);
  } catch {
    return {};
  }
}

function findingLine({ file, location, kind, code }) {
  const place = `${file} ${location}`.replaceAll("`", "'").replace(/\s+/gu, " ");
  return `- \`${place}\`: ${kind}${code === undefined ? "" : ` (${code})`}`;
}

/** What is in the way of saying that all tokens open with one key, and that it is the active one. */
function notSealedWith({ key, files }, keyId) {
  const tokens = tokensOf(files);
  if (key.id !== keyId) return [`The active key is ${key.id}, not ${keyId}.`];
  if (tokens.length === 0) return ["There is no token."];
  return tokens.filter((token) => !(token.opens && token.keyId === keyId)).map(problemLine);
}

function tokensOf(files) {
  return files.flatMap(({ file, secrets }) =>
    secrets.filter(({ opens }) => opens !== undefined).map((token) => ({ file, ...token })),
  );
}

function problemLine({ file, location, problem }) {
  return `${file} ${location}: ${problem?.code ?? "another key"}`;
}

function unfinishedLine({ phase, files }, days) {
  const sealed = tokensOf(files).map(({ sealedAt }) => Date.parse(sealedAt));
  const newest = Math.max(...sealed.filter(Number.isFinite));
  const age = Math.floor((Date.now() - newest) / DAY);
  return phase === "settled" || !(age > Number(days))
    ? ""
    : `- a change of keys is not ended: the phase is \`${phase}\`, and the newest token is ${age} days old`;
}

/**
 * The commits that may be at work: of the success that ended last; of what ended after it, since a deployment
 * that failed may have got half-way; and of all that have not ended, whenever they were begun. None without a
 * success. GitHub calls a success that a later one took the place of inactive.
 */
function deployedCommits(deployments) {
  const known = deployments.map(({ commit, state = "", at = "" }) => ({
    commit,
    state: state.toUpperCase(),
    time: Date.parse(at) || 0,
  }));
  const done = known.filter(({ state }) => state === "SUCCESS").map(({ time }) => time);
  const newest = Math.max(...done);
  const mayBeAtWork = known.filter(
    ({ state, time }) => !OVER.includes(state) || (state !== "INACTIVE" && time >= newest),
  );
  return done.length === 0 ? "" : [...new Set(mayBeAtWork.map(({ commit }) => commit))].join("\n");
}
