import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { type ClusterHealthFacts, clusterRule, type OwnStatus } from "./facts.ts";

/** Nodes of different versions may refuse to take guests from one another. */
export const VERSIONS_DIFFER: Rule<ClusterHealthFacts> = clusterRule({
  id: "cluster.versions-differ",
  title: "Nodes run different versions of Proxmox VE",
  severity: "warning",
  threshold: null,
  remedy:
    "bring the older nodes up to the newest one, one after the other, their guests moved away first: `apt update && apt dist-upgrade`, then `pveversion`",
  needs: ["nodeStatuses"],
  check: ({ nodeStatuses }) => {
    const known = nodeStatuses
      .flatMap((status) => {
        const version = versionOf(status);
        return version === undefined ? [] : [{ node: status.node, version }];
      })
      .sort((a, b) => (a.node < b.node ? -1 : 1));
    const versions = new Set(known.map(({ version }) => version));
    if (versions.size < 2) return [];
    const nodes = listed(known.map(({ node, version }) => `${node} ${version}`));
    return [
      {
        subject: "cluster",
        summary: `Nodes run ${versions.size} versions: ${nodes}`,
        evidence: { versions: versions.size, nodes },
      },
    ];
  },
});

// As in `pve-manager/8.4-1/761609f7`: package, version, commit.
function versionOf({ pveversion }: OwnStatus): string | undefined {
  return pveversion?.split("/")[1];
}
