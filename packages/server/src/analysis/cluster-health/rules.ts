/** Every rule of analyze_cluster_health. */
import type { Rule } from "../rule.ts";
import { STORAGE_FILLING } from "../storage/storage-filling.ts";
import { STORAGE_FULL } from "../storage/storage-full.ts";
import { CLOCK_DRIFT } from "./clock-drift.ts";
import { EVEN_NODE_COUNT } from "./even-node-count.ts";
import type { ClusterHealthFacts } from "./facts.ts";
import { GUESTS_NOT_BACKED_UP } from "./guests-not-backed-up.ts";
import { GUESTS_STRANDED } from "./guests-stranded.ts";
import { HA_MANAGER_SILENT } from "./ha-manager-silent.ts";
import { HA_RESOURCE_ERROR } from "./ha-resource-error.ts";
import { HA_RESOURCE_RECOVERING } from "./ha-resource-recovering.ts";
import { NO_NODE_TO_LOSE } from "./no-node-to-lose.ts";
import { NODE_CPU_HIGH } from "./node-cpu-high.ts";
import { NODE_LOAD_HIGH } from "./node-load-high.ts";
import { NODE_MEMORY_FULL } from "./node-memory-full.ts";
import { NODE_MEMORY_HIGH } from "./node-memory-high.ts";
import { NODE_OFFLINE } from "./node-offline.ts";
import { NODE_SWAP_HIGH } from "./node-swap-high.ts";
import { QUORUM_LOST } from "./quorum-lost.ts";
import { ROOT_FILESYSTEM_FULL } from "./root-filesystem-full.ts";
import { ROOT_FILESYSTEM_HIGH } from "./root-filesystem-high.ts";
import { STORAGE_INACTIVE } from "./storage-inactive.ts";
import { VERSIONS_DIFFER } from "./versions-differ.ts";

export const CLUSTER_HEALTH_RULES: readonly Rule<ClusterHealthFacts>[] = [
  QUORUM_LOST,
  NO_NODE_TO_LOSE,
  EVEN_NODE_COUNT,
  VERSIONS_DIFFER,
  GUESTS_NOT_BACKED_UP,
  NODE_OFFLINE,
  GUESTS_STRANDED,
  NODE_CPU_HIGH,
  NODE_LOAD_HIGH,
  NODE_MEMORY_FULL,
  NODE_MEMORY_HIGH,
  NODE_SWAP_HIGH,
  ROOT_FILESYSTEM_FULL,
  ROOT_FILESYSTEM_HIGH,
  CLOCK_DRIFT,
  STORAGE_INACTIVE,
  STORAGE_FULL,
  STORAGE_FILLING,
  HA_RESOURCE_ERROR,
  HA_RESOURCE_RECOVERING,
  HA_MANAGER_SILENT,
];
