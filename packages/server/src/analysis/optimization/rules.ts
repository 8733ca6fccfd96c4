/** Every rule of suggest_resource_optimization. */
import type { Rule } from "../rule.ts";
import { STORAGE_FILLING } from "../storage/storage-filling.ts";
import { STORAGE_FULL } from "../storage/storage-full.ts";
import { CPU_OVERCOMMITTED } from "./cpu-overcommitted.ts";
import type { OptimizationFacts } from "./facts.ts";
import { GUEST_CPU_SHORT } from "./guest-cpu-short.ts";
import { GUEST_IDLE } from "./guest-idle.ts";
import { GUEST_MEMORY_SHORT } from "./guest-memory-short.ts";
import { GUEST_MEMORY_UNUSED } from "./guest-memory-unused.ts";
import { GUEST_STOPPED_WITH_DISKS } from "./guest-stopped-with-disks.ts";
import { MEMORY_IMBALANCE } from "./memory-imbalance.ts";
import { MEMORY_OVERCOMMITTED } from "./memory-overcommitted.ts";
import { NO_ROOM_FOR_FAILOVER } from "./no-room-for-failover.ts";
import { NODE_UNUSED } from "./node-unused.ts";

export const OPTIMIZATION_RULES: readonly Rule<OptimizationFacts>[] = [
  CPU_OVERCOMMITTED,
  GUEST_CPU_SHORT,
  GUEST_IDLE,
  GUEST_MEMORY_SHORT,
  GUEST_MEMORY_UNUSED,
  GUEST_STOPPED_WITH_DISKS,
  MEMORY_IMBALANCE,
  MEMORY_OVERCOMMITTED,
  NO_ROOM_FOR_FAILOVER,
  NODE_UNUSED,
  STORAGE_FULL,
  STORAGE_FILLING,
];
