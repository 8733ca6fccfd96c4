/** A registry on loopback that has our packages and nothing else. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { PackageName, Tarballs } from "./tarballs.ts";

export interface Registry {
  readonly url: string;
  /** The paths that were asked for, without their queries. */
  readonly asked: readonly string[];
}

/** Serves the tarballs until the test has finished. */
export async function startRegistry(tarballs: Tarballs): Promise<Registry> {
  const asked: string[] = [];
  let url = "";
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", url).pathname);
    asked.push(path);
    const [, name, isTarball] =
      /^\/@proxmox-mcp\/(crypto|cli|server)(\/tarball)?$/.exec(path) ?? [];
    if (name === undefined) return void response.writeHead(404).end("{}");
    const file = readFileSync(tarballs.fileOf(name as PackageName));
    if (isTarball !== undefined) return void response.end(file);
    const manifest = JSON.parse(
      readFileSync(join(tarballs.unpacked(name as PackageName), "package.json"), "utf8"),
    );
    const integrity = `sha512-${createHash("sha512").update(file).digest("base64")}`;
    const dist = { integrity, tarball: `${url}/@proxmox-mcp/${name}/tarball` };
    response.setHeader("content-type", "application/json").end(
      JSON.stringify({
        name: manifest.name,
        "dist-tags": { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => void server.close());
  return { url, asked };
}
