/**
 * Answers one question about a JSON result on standard input: of the CLI, of GitHub or of GitLab.
 *
 *   node answer.mjs QUESTION [ARGUMENT] < result.json
 *
 * `rotated` prints each file with a NUL behind it. `sealed-with KEYID` prints on standard error what speaks
 * against it, and ends with 1 then. The others print text, or nothing.
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
  "github-deployments": ({ data }) =>
    deployedCommits(
      data.repository.deployments.nodes.map(({ commitOid, latestStatus }) => ({
        commit: commitOid,
        isDone: latestStatus?.state === "SUCCESS",
      })),
    ),
  "gitlab-deployments": (deployments) =>
    deployedCommits(
      deployments.map(({ sha, status }) => ({ commit: sha, isDone: status === "success" })),
    ),
  "gitlab-merge-request": (requests) => [requests].flat()[0]?.web_url,
  "gitlab-value": ({ value }) => value,
};

const [question, argument] = process.argv.slice(2);
const input = readFileSync(0, "utf8");
const result = question === "error" ? whatIsThere() : JSON.parse(input);
if (question === "rotated") {
  const files = result.outcome === "rotated" ? result.files : [];
  process.stdout.write(files.map(({ file }) => `${file}\0`).join(""));
} else if (question === "sealed-with") {
  const others = notSealedWith(result, argument);
  process.stderr.write(others.map((line) => `${line}\n`).join(""));
  process.exitCode = others.length === 0 ? 0 : 1;
} else {
  const text = QUESTIONS[question](result);
  if (text) process.stdout.write(`${text}\n`);
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
  const tokens = files.flatMap(({ file, secrets }) =>
    secrets.filter(({ opens }) => opens !== undefined).map((token) => ({ file, ...token })),
  );
  if (key.id !== keyId) return [`The active key is ${key.id}, not ${keyId}.`];
  if (tokens.length === 0) return ["There is no token."];
  return tokens
    .filter((token) => !(token.opens && token.keyId === keyId))
    .map(({ file, location, problem }) => `${file} ${location}: ${problem?.code ?? "another key"}`);
}

/**
 * The commits that may be at work: that of the newest success, and of what was begun after it, since a
 * deployment that failed may have got half-way. None without a success.
 *
 * @param deployments the newest first.
 */
function deployedCommits(deployments) {
  const newest = deployments.findIndex(({ isDone }) => isDone);
  return newest < 0
    ? ""
    : deployments
        .slice(0, newest + 1)
        .map(({ commit }) => commit)
        .join("\n");
}
