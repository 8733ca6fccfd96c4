/** The guided tour of `npm start`, as a process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import fse from "fs-extra";
import { afterEach, beforeEach, expect, it } from "vitest";

const TOUR = resolve(import.meta.dirname, "../../../../scripts/tour.mjs");

let world = "";
beforeEach(() => {
  world = fse.mkdtempSync(join(tmpdir(), "proxmox-mcp-tour-test-"));
  for (const name of ["home", "temporary"]) fse.ensureDirSync(join(world, name));
});
afterEach(() => fse.removeSync(world));

function start() {
  const home = join(world, "home");
  const temporary = join(world, "temporary");
  return spawn(process.execPath, [TOUR], {
    env: {
      ...process.env,
      HOME: home,
      USERPROFILE: home,
      TMPDIR: temporary,
      TEMP: temporary,
      TMP: temporary,
      // What the user has set must not lead the tour elsewhere.
      PROXMOX_MCP_MASTER_KEY: "no key at all",
      PROXMOX_MCP_AUDIT_LOG: join(home, "audit.log"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function expectNothingLeft(): void {
  for (const name of ["home", "temporary"]) expect(readdirSync(join(world, name))).toEqual([]);
}

it("shows every step and leaves nothing behind", { timeout: 60_000 }, async () => {
  const tour = start();
  let output = "";
  tour.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [status] = await once(tour, "close");
  expect(output).toContain("Every step did what it should.");
  expect(status).toBe(0);
  expect(output.match(/^\d+\. /gm)).toHaveLength(output.match(/^\$ /gm)?.length ?? 0);
  expect(output).toBe(stripVTControlCharacters(output));
  expectNothingLeft();
});

// Windows ends a process at once; there is no signal that it could act on.
it.skipIf(process.platform === "win32")(
  "removes everything when it is stopped",
  { timeout: 60_000 },
  async () => {
    const tour = start();
    await once(tour.stdout, "data");
    tour.kill("SIGTERM");
    tour.stdout.resume();
    const [status] = await once(tour, "close");
    expect(status).toBe(130);
    expectNothingLeft();
  },
);

it.skipIf(process.platform === "win32")(
  "removes everything when nobody reads on",
  { timeout: 60_000 },
  async () => {
    const tour = start();
    await once(tour.stdout, "data");
    tour.stdout.destroy();
    const [status] = await once(tour, "close");
    expect(status).not.toBe(0);
    expectNothingLeft();
  },
);
