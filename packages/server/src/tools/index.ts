/** Every tool of this server, in the order in which clients see them. */
import { analyzeClusterHealth } from "./analyze-cluster-health.ts";
import { analyzeSecurityPosture } from "./analyze-security-posture.ts";
import { cloneVm } from "./clone-vm.ts";
import { createContainer } from "./create-container.ts";
import { createSnapshot } from "./create-snapshot.ts";
import { createVm } from "./create-vm.ts";
import { deleteContainer } from "./delete-container.ts";
import { deleteSnapshot } from "./delete-snapshot.ts";
import { deleteVm } from "./delete-vm.ts";
import { diagnoseVmIssues } from "./diagnose-vm-issues.ts";
import { executeVmCommand } from "./execute-vm-command.ts";
import { getClusterStatus } from "./get-cluster-status.ts";
import { getContainerConfig } from "./get-container-config.ts";
import { getContainerStatus } from "./get-container-status.ts";
import { getContainers } from "./get-containers.ts";
import { getNodeStatus } from "./get-node-status.ts";
import { getNodes } from "./get-nodes.ts";
import { getStorage } from "./get-storage.ts";
import { getTaskLog } from "./get-task-log.ts";
import { getTaskStatus } from "./get-task-status.ts";
import { getVmConfig } from "./get-vm-config.ts";
import { getVmStatus } from "./get-vm-status.ts";
import { getVms } from "./get-vms.ts";
import { listSnapshots } from "./list-snapshots.ts";
import { listStorageContent } from "./list-storage-content.ts";
import { rebootContainer } from "./reboot-container.ts";
import { rebootVm } from "./reboot-vm.ts";
import { rollbackSnapshot } from "./rollback-snapshot.ts";
import { shutdownContainer } from "./shutdown-container.ts";
import { shutdownVm } from "./shutdown-vm.ts";
import { startContainer } from "./start-container.ts";
import { startVm } from "./start-vm.ts";
import { stopContainer } from "./stop-container.ts";
import { stopVm } from "./stop-vm.ts";
import { suggestResourceOptimization } from "./suggest-resource-optimization.ts";
import type { Tool } from "./tool.ts";

export const TOOLS: readonly Tool[] = [
  getClusterStatus,
  getNodes,
  getNodeStatus,
  getVms,
  getVmStatus,
  getVmConfig,
  getContainers,
  getContainerStatus,
  getContainerConfig,
  getStorage,
  listStorageContent,
  getTaskStatus,
  getTaskLog,
  analyzeClusterHealth,
  diagnoseVmIssues,
  suggestResourceOptimization,
  analyzeSecurityPosture,
  executeVmCommand,
  startVm,
  stopVm,
  shutdownVm,
  rebootVm,
  startContainer,
  stopContainer,
  shutdownContainer,
  rebootContainer,
  createSnapshot,
  listSnapshots,
  rollbackSnapshot,
  deleteSnapshot,
  cloneVm,
  createVm,
  deleteVm,
  createContainer,
  deleteContainer,
];
