/** Volumes of a cluster, laid out and updated as the kubelet does it. */
import {
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { rooted } from "./place.ts";

/** Gives a mounted directory other files, from one moment to the next. */
export function mount(path: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const directory = rooted(path);
  const data = join(directory, "..data");
  const before = existsSync(data) ? readlinkSync(data) : undefined;
  const next = `..version_${Number(before?.split("_")[1] ?? 0) + 1}`;
  mkdirSync(join(directory, next), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(directory, next, name), content, { mode: 0o440 });
    if (!existsSync(join(directory, name)))
      symlinkSync(join("..data", name), join(directory, name));
  }
  symlinkSync(next, join(directory, "..data_tmp"));
  renameSync(join(directory, "..data_tmp"), data);
  if (before !== undefined) rmSync(join(directory, before), { recursive: true });
}
