/** What the Dockerfile promises, read from it alone. test/extended/docker.test.ts plays it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { instructionsOf, lastOf, readDockerfile } from "./dockerfile.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const text = readFileSync(`${ROOT}deploy/docker/Dockerfile`, "utf8");
const stages = readDockerfile(text);
const names = stages.map(({ name }) => name);
const all = stages.flatMap(({ instructions }) => instructions);
const IMAGES = ["server", "tools"];

test("every stage begins with an image by its digest, or with an earlier stage", () => {
  for (const [index, { from }] of stages.entries()) {
    // Nothing, unless the builder names an image.
    if (names.slice(0, index).includes(from) || names[index] === "kubectl") continue;
    expect(from).toMatch(/^[a-z0-9/-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  }
  // The bundles start from what the Node of the build compiled.
  const [build, node] = ["build", "node"].map((name) => stages.find((each) => each.name === name));
  expect(build?.from).toBe(node?.from);
});

test("no host of a registry is named, and whoever builds the tools says where kubectl comes from", () => {
  expect(text).not.toMatch(/[\w-]+\.[a-z]{2,}\/\S+(:|@sha256)/);
  expect(stages.find(({ name }) => name === "kubectl")).toEqual({
    name: "kubectl",
    from: "scratch",
    instructions: [],
  });
  const needing = stages.filter(({ instructions }) =>
    instructions.some(({ flags }) => flags["from"] === "kubectl"),
  );
  expect(needing.map(({ name }) => name)).toEqual(["tools"]);
});

test("the server is what is built where no target is named", () => {
  expect(names.at(-1)).toBe("server");
});

test.each(IMAGES)("%s runs as a user by number, and without a shell", (image) => {
  const instructions = instructionsOf(stages, image);
  expect(lastOf(instructions, "USER").text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  const isRun = ({ name }: { name: string }) => ["ENTRYPOINT", "CMD", "HEALTHCHECK"].includes(name);
  for (const { argv } of instructions.filter(isRun)) expect(argv).toBeDefined();
  const after = instructions.slice(instructions.findLastIndex(({ name }) => name === "USER"));
  expect(after.filter(({ name }) => name === "RUN")).toEqual([]);
});

test("nothing is fetched by address, and no variable of ours holds a key", () => {
  expect(all.filter(({ name }) => name === "ADD")).toEqual([]);
  const variables = all.filter(({ name }) => ["ARG", "ENV"].includes(name));
  expect(variables.map(({ text }) => text)).toEqual([
    "PROXMOX_MCP_CONFIG=/app/config/config.encrypted.json",
  ]);
});

test("the server ends by the signal that it listens to, and has time for its health check", () => {
  const instructions = instructionsOf(stages, "server");
  expect(lastOf(instructions, "STOPSIGNAL").text).toBe("SIGTERM");
  const { flags } = lastOf(instructions, "HEALTHCHECK");
  // Some seconds where there is a tenth of a processor.
  expect(Number.parseInt(flags["timeout"] ?? "", 10)).toBeGreaterThanOrEqual(10);
  expect(Number.parseInt(flags["interval"] ?? "", 10)).toBeGreaterThanOrEqual(30);
});

test.each(IMAGES)("%s is labelled by the names of OCI", (image) => {
  const { text } = lastOf(instructionsOf(stages, image), "LABEL");
  const labels = [...text.matchAll(/(\S+)="([^"]+)"/g)].map(([, name]) => name);
  expect(labels).toEqual(
    ["title", "description", "source", "licenses"].map(
      (name) => `org.opencontainers.image.${name}`,
    ),
  );
});

test("what is copied out of the checkout, or out of what is built there, is there", () => {
  const copies = all.filter(({ name, flags }) => name === "COPY" && flags["from"] !== "kubectl");
  for (const { text, flags } of copies) {
    const sources = text.split(" ").slice(0, -1);
    for (const source of sources) {
      const path = flags["from"] === "build" ? source.replace(/^\/src\//, "") : source;
      // That of another package may not be built yet.
      if (path.endsWith("/dist")) continue;
      expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    }
  }
});
