/** sinks/gitlab.sh, with a curl that keeps the variable as GitLab does. */
import { describe, expect, test } from "vitest";
import type { Cli } from "../cli.ts";
import { KEY, OTHER_KEY } from "../material.ts";
import { keyless } from "../rotation/deployment.ts";
import { rotateWith, runSink, type SinkScript } from "./store.ts";
import { refusesFaults, storesNothing } from "./store-faults.ts";
import { stubProgram } from "./stub.ts";

// The header comes from a pipe, and the value from standard input. The answer repeats what is stored.
const CURL = `
while (($# > 0)); do
  case $1 in
    --request) method=$2; shift ;;
    --header) cat "\${2#@}" >>"$STUB/headers"; shift ;;
    --form) [[ $2 != "value=<-" ]] || cat >"$STUB/got"; shift ;;
    --output) output=$2; shift ;;
    --max-time | --data-urlencode) shift ;;
  esac
  shift
done
answer() { node -p 'JSON.stringify({ variable_type: "file", value: require("fs").readFileSync(0, "utf8") })' <"$STUB/stored"; }
refused() { echo "curl: (22) The requested URL returned error: 403" >&2; exit 22; }
if [[ $method == PUT ]]; then
  [[ $fault != fails ]] || refused
  [[ $fault != cuts ]] || head -n 1 "$STUB/got" >"$STUB/stored"
  [[ -n $fault ]] || cp "$STUB/got" "$STUB/stored"
fi
if [[ -s $STUB/answer ]]; then
  [[ $(cat "$STUB/answer") != refused ]] || refused
  cat "$STUB/answer"
else
  answer >"\${output:-/dev/stdout}"
fi
`;
const TOKEN = "example-token-of-the-project";
const ALWAYS = "--silent --show-error --fail --max-time 50 --globoff --request";
const PROJECT = "https://gitlab.example.com/api/v4/projects/1234";

function place(cli: Cli = keyless(), more: Readonly<Record<string, string>> = {}) {
  const stub = stubProgram(cli, "curl", CURL);
  for (const file of ["headers", "answer", "stored"]) stub.write(file, "");
  stub.write("token", `${TOKEN}\n`);
  const sink: SinkScript = {
    name: "gitlab",
    env: {
      ...stub.env,
      CI_API_V4_URL: "https://gitlab.example.com/api/v4",
      CI_PROJECT_ID: "1234",
      PROXMOX_MCP_GITLAB_TOKEN_FILE: `${stub.env["STUB"]}/token`,
      ...more,
    },
  };
  const calls = () =>
    stub
      .read("calls")
      .trim()
      .split("\n")
      .map((call) => call.replace(/--header @\S+/, "--header @PIPE"));
  return { cli, stub, sink, calls };
}

describe("the sink for GitLab", () => {
  test("takes a key through a whole rotation, and nobody sees it", async () => {
    const { cli, stub, sink } = place();
    const fresh = await rotateWith(cli, sink);
    expect(stub.read("stored")).toBe(`${fresh}\n`);
    stub.expectUnseen([KEY, fresh]);
  });

  test("stores the whole text in a variable of type File, and shows nothing of the answer", () => {
    const { cli, stub, sink, calls } = place();
    const text = `${KEY}\nnext:${OTHER_KEY}\n`;
    expect(runSink(cli, sink, text)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(stub.read("stored")).toBe(text);
    expect(runSink(cli, sink, "", ["--read"])).toMatchObject({ status: 0, stderr: "" });
    const variable = `${PROJECT}/variables/PROXMOX_MCP_MASTER_KEY_FILE`;
    expect(calls()).toEqual([
      `${ALWAYS} PUT --header @PIPE --form value=<- --form variable_type=file --form filter[environment_scope]=* --output /dev/null ${variable}`,
      `${ALWAYS} GET --header @PIPE --get --data-urlencode filter[environment_scope]=* ${variable}`,
    ]);
    stub.expectUnseen([KEY, OTHER_KEY]);
  });

  test("gives the token through a pipe alone", () => {
    const { cli, stub, sink } = place();
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    expect(stub.read("headers")).toBe(`PRIVATE-TOKEN: ${TOKEN}\n`);
    expect(stub.read("calls") + stub.read("environment")).not.toContain(TOKEN);
  });

  test("takes another variable and another scope", () => {
    const { cli, sink, calls } = place(undefined, {
      PROXMOX_MCP_GITLAB_VARIABLE: "KEY_OF_THE_LAB",
      PROXMOX_MCP_GITLAB_SCOPE: "lab/*",
    });
    expect(runSink(cli, sink, `${KEY}\n`).status).toBe(0);
    expect(runSink(cli, sink, "", ["--read"]).stdout.trim()).toBe(KEY);
    expect(calls()).toHaveLength(2);
    for (const call of calls()) {
      expect(call).toContain(" filter[environment_scope]=lab/* ");
      expect(call).toMatch(/\/variables\/KEY_OF_THE_LAB$/);
    }
  });

  test.each([
    ["CI_API_V4_URL", "", "CI_API_V4_URL: "],
    ["CI_PROJECT_ID", "", "CI_PROJECT_ID: "],
    ["PROXMOX_MCP_GITLAB_TOKEN_FILE", "", "PROXMOX_MCP_GITLAB_TOKEN_FILE: holds the token"],
    ["PROXMOX_MCP_GITLAB_TOKEN_FILE", "/nowhere", "/nowhere: No such file"],
  ])("asks nobody where %s is %j", (name, value, message) => {
    const { cli, stub, sink } = place(undefined, { [name]: value });
    const { status, stderr } = runSink(cli, sink, `${KEY}\n`);
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
    expect(stub.read("calls")).toBe("");
  });

  test("stores nothing where no key came", () => {
    const { cli, stub, sink } = place();
    storesNothing(cli, sink, stub);
  });

  test("is not believed where it fails, lies or cuts", async () => {
    const { cli, stub, sink } = place();
    await refusesFaults(cli, sink, stub);
  });

  test("says what GitLab answered where it refuses", () => {
    const { cli, stub, sink } = place();
    stub.fail("fails");
    const stderr = "curl: (22) The requested URL returned error: 403\n";
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({ status: 22, stdout: "", stderr });
  });

  test.each([
    ["is refused", "refused", "error: the answer is no JSON, or not all of it\n"],
    ["is cut off", `{"variable_type":"file","value":"${KEY.slice(0, 30)}`, "not all of it"],
    ["is no JSON", `${KEY} <html>`, "the answer is no JSON"],
    ["shows no value, as of what is hidden", '{"value":null}', "no value that can be read"],
    ["holds no text", `{"value":{"text":"${KEY}"}}`, "no value that can be read"],
    ["is nothing", "null", "no value that can be read"],
  ])("reads nothing where the answer %s", (_, answer, message) => {
    const { cli, stub, sink } = place();
    stub.write("answer", answer);
    const { status, stdout, stderr } = runSink(cli, sink, "", ["--read"]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(stderr).not.toContain(KEY.slice(0, 4));
    expect(stdout).toBe("");
    expect(status).not.toBe(0);
  });
});
