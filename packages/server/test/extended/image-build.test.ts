/**
 * The build stage of the Dockerfile, from the very context that a builder would get. It installs and builds
 * all anew, so it is tried where PROXMOX_MCP_IMAGE_BUILD is true; docker.test.ts takes the checkout's build.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readDockerfile } from "../deploy/dockerfile.ts";
import { scratch } from "../scratch.ts";
import { contextOf } from "./context.ts";
import { CHECKOUT } from "./image.ts";

const isAsked = process.env["PROXMOX_MCP_IMAGE_BUILD"] === "true";
if (!isAsked) {
  process.stderr.write("the image's build stage is not tried: set PROXMOX_MCP_IMAGE_BUILD=true\n");
}

test.skipIf(!isAsked)("the build stage gives all that the images take from it", () => {
  const stages = readDockerfile(readFileSync(`${CHECKOUT}deploy/docker/Dockerfile`, "utf8"));
  const source = scratch();
  const sent = contextOf(CHECKOUT);
  for (const { name, text, argv } of stages.find(({ name }) => name === "build")?.instructions ??
    []) {
    if (name === "COPY") {
      for (const wanted of text.split(" ").slice(0, -1)) {
        for (const file of sent.filter((each) => wanted === "." || each === wanted)) {
          if (!statSync(join(CHECKOUT, file)).isFile()) continue;
          mkdirSync(join(source, dirname(file)), { recursive: true });
          cpSync(join(CHECKOUT, file), join(source, file));
        }
      }
    } else if (name === "RUN") {
      const [program = "", ...args] = argv ?? [];
      const { status, stdout, stderr } = spawnSync(program, args, {
        cwd: source,
        env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", CI: "true" },
        encoding: "utf8",
      });
      expect(status, `${text}\n${stdout}${stderr}`).toBe(0);
    }
  }
  const taken = stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ name, flags }) => name === "COPY" && flags["from"] === "build")
    .flatMap(({ text }) => text.split(" ").slice(0, -1));
  for (const path of taken) expect(existsSync(path.replace("/src", source)), path).toBe(true);
});
