import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { rootFilesystem } from "./root-filesystem.ts";

export const THRESHOLD: { readonly root_filesystem_fraction: number } = {
  root_filesystem_fraction: 0.9,
};

/** A full one stops logs, tasks and the cluster file system. */
export const ROOT_FILESYSTEM_FULL: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.root-filesystem-full",
  title: "A node's root filesystem is nearly full",
  severity: "critical",
  threshold: THRESHOLD,
  remedy:
    "free space on {node} now: `du -xh --max-depth=2 / | sort -h | tail` shows where it went; then `apt-get clean`, `journalctl --vacuum-size=500M`, and old ISO images and backups below /var/lib/vz",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      fullness(rootFilesystem(node), { from: THRESHOLD.root_filesystem_fraction }),
    ),
});
