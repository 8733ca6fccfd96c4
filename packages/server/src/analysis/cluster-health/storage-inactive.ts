import { listed } from "../measure.ts";
import type { Rule } from "../rule.ts";
import { isOnline, storageSubject } from "../subject.ts";
import { type ClusterHealthFacts, clusterRule } from "./facts.ts";

/** Enabled, and a node that runs cannot use it. Of a node that is down nobody can say. */
export const STORAGE_INACTIVE: Rule<ClusterHealthFacts> = clusterRule({
  id: "storage.inactive",
  title: "A storage is not active on a node that is online",
  severity: "critical",
  threshold: null,
  remedy:
    "see on the node what it says: `pvesm status --storage {storage}` and `journalctl -u pvestatd -n 50`; then mend the mount, network or credentials. One that is not wanted: `pvesm set {storage} --disable 1`",
  needs: ["nodes", "storages"],
  check: ({ nodes, storages }) => {
    const online = new Set(nodes.filter(isOnline).map(({ node }) => node));
    const inactive = storages.filter(
      ({ node, status }) => online.has(node) && status !== "available",
    );
    const subjects = new Set(inactive.map(storageSubject));
    return [...subjects].flatMap((subject) => {
      const entries = inactive.filter((entry) => storageSubject(entry) === subject);
      const [first] = entries;
      if (first === undefined) return [];
      const on = entries.map(({ node }) => node).sort();
      return [
        {
          subject,
          summary: `Storage ${first.storage} is not active on ${listed(on)}`,
          evidence: { status: first.status, nodes: listed(on), content: first.content ?? null },
          about: { storage: first.storage },
        },
      ];
    });
  },
});
