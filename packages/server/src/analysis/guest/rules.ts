/** Every rule of diagnose_vm_issues. */
import type { Rule } from "../rule.ts";
import { AGENT_OFF } from "./agent-off.ts";
import { AGENT_SILENT } from "./agent-silent.ts";
import { BALLOON_SHRUNK } from "./balloon-shrunk.ts";
import { CD_BLOCKS_MIGRATION } from "./cd-blocks-migration.ts";
import { CPU_HIGH } from "./cpu-high.ts";
import { CRASHED } from "./crashed.ts";
import { DEVICE_BLOCKS_MIGRATION } from "./device-blocks-migration.ts";
import { DISK_ERRORS } from "./disk-errors.ts";
import { EMULATED_DEVICES } from "./emulated-devices.ts";
import type { GuestFacts } from "./facts.ts";
import { HA_ERROR } from "./ha-error.ts";
import { IO_ERROR } from "./io-error.ts";
import { LOCKED } from "./locked.ts";
import { MEMORY_HIGH } from "./memory-high.ts";
import { MORE_CPUS_THAN_NODE } from "./more-cpus-than-node.ts";
import { NO_BOOT_DEVICE } from "./no-boot-device.ts";
import { GUEST_NODE_MEMORY_HIGH } from "./node-memory-high.ts";
import { NOT_IN_BACKUP_JOB } from "./not-backed-up.ts";
import { ON_ANOTHER_NODE } from "./on-another-node.ts";
import { ONBOOT_OFF } from "./onboot-off.ts";
import { PAUSED } from "./paused.ts";
import { ROOT_FILESYSTEM_FULL } from "./root-filesystem-full.ts";
import { SNAPSHOTS_OLD } from "./snapshots-old.ts";
import { STOPPED } from "./stopped.ts";
import { GUEST_STORAGE_FULL } from "./storage-full.ts";
import { GUEST_STORAGE_INACTIVE } from "./storage-inactive.ts";
import { STORAGE_NOT_LISTED } from "./storage-not-listed.ts";
import { TASK_FAILED } from "./task-failed.ts";
import { UNREACHABLE } from "./unreachable.ts";

export const GUEST_RULES: readonly Rule<GuestFacts>[] = [
  AGENT_OFF,
  AGENT_SILENT,
  BALLOON_SHRUNK,
  CD_BLOCKS_MIGRATION,
  CPU_HIGH,
  CRASHED,
  DISK_ERRORS,
  EMULATED_DEVICES,
  ROOT_FILESYSTEM_FULL,
  HA_ERROR,
  IO_ERROR,
  LOCKED,
  MEMORY_HIGH,
  MORE_CPUS_THAN_NODE,
  NO_BOOT_DEVICE,
  GUEST_NODE_MEMORY_HIGH,
  NOT_IN_BACKUP_JOB,
  ON_ANOTHER_NODE,
  ONBOOT_OFF,
  DEVICE_BLOCKS_MIGRATION,
  PAUSED,
  SNAPSHOTS_OLD,
  STOPPED,
  GUEST_STORAGE_FULL,
  GUEST_STORAGE_INACTIVE,
  STORAGE_NOT_LISTED,
  TASK_FAILED,
  UNREACHABLE,
];
