import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashFile } from "../../src/files/read.ts";
import { failure, useDirectory } from "./harness.ts";

const directory = useDirectory();
const PIECE = 1024 * 1024;

describe("hashFile", () => {
  it.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 1])("hashes %i bytes", (size) => {
    const bytes = randomBytes(size);
    const path = join(directory(), "file");
    writeFileSync(path, bytes);
    expect(hashFile(path)).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("refuses what is no file, and what is not there", async () => {
    expect(await failure(() => hashFile(directory()))).toMatchObject({ code: "FILE_NOT_REGULAR" });
    expect(await failure(() => hashFile(join(directory(), "none")))).toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });
});
