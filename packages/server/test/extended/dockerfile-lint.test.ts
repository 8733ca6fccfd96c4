/** dockerfilelint reads the Dockerfile. It comes from npm as it is run: it is old, and so is what it needs. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { scratch } from "../scratch.ts";
import { fromNpm } from "./from-npm.ts";

const { unreachable, run } = await fromNpm("dockerfilelint@1.8.0");
const FILE = fileURLToPath(new URL("../../../../deploy/docker/Dockerfile", import.meta.url));

interface Finding {
  readonly content: string;
  readonly title: string;
}

describe.skipIf(unreachable !== undefined)(
  `dockerfilelint${unreachable === undefined ? "" : ` (skipped: ${unreachable})`}`,
  () => {
    test("finds nothing but what it does not understand", async () => {
      const { stdout, stderr } = await run(`dockerfilelint --output json '${FILE}'`, scratch());
      expect(stderr).not.toMatch(/Error/);
      const { files } = JSON.parse(stdout) as { files: { issues: Finding[] }[] };
      const found = files.flatMap(({ issues }) =>
        issues.map(({ content, title }) => [title, content]),
      );
      const tagless = "Base Image Missing Tag";
      expect(found).toEqual([
        // It fills in no ARG, where tag and digest are, and knows no name of a stage.
        [tagless, "FROM ${KUBECTL_IMAGE} AS kubectl"],
        [tagless, "FROM ${NODE_IMAGE} AS build"],
        [tagless, "FROM ${NODE_IMAGE} AS node"],
        [tagless, "FROM node AS tools"],
        [tagless, "FROM node AS server"],
        // It reads --start-period up to the hyphen.
        ["Invalid Argument Format", expect.stringMatching(/^HEALTHCHECK .*--start-period=/)],
      ]);
    });
  },
);
