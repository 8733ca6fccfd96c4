import type { Rule } from "../rule.ts";
import { fullness } from "../space.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";
import { rootFilesystem } from "./root-filesystem.ts";
import { THRESHOLD as FULL } from "./root-filesystem-full.ts";

const THRESHOLD = { root_filesystem_fraction: 0.8 } as const;

/** Up to where `node.root-filesystem-full` says it more urgently. */
export const ROOT_FILESYSTEM_HIGH: Rule<ClusterHealthFacts> = clusterRule({
  id: "node.root-filesystem-high",
  title: "A node's root filesystem fills up",
  severity: "warning",
  threshold: THRESHOLD,
  remedy:
    "free space on {node}: `du -xh --max-depth=2 / | sort -h | tail` shows where it went; move ISO images and backups from /var/lib/vz to another storage",
  needs: ["nodes"],
  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      fullness(rootFilesystem(node), {
        from: THRESHOLD.root_filesystem_fraction,
        below: FULL.root_filesystem_fraction,
      }),
    ),
});
