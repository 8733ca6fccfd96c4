/** `create_vm`: makes a new virtual machine. */
import { z } from "zod";
import { planCreateVm } from "../operations/create-vm.ts";
import { CLUSTER_RESOURCES, NEXT_ID, STORAGE_CONTENT, VM_CREATE } from "../proxmox/endpoints.ts";
import { NODE, oneOf, STORAGE, wholeNumber } from "./arguments.ts";
import {
  choice,
  DESCRIPTION,
  GUEST_NAME,
  HARDWARE,
  NEW_VMID,
  OPERATION_ARGUMENTS,
  POOL,
  volume,
} from "./operation-arguments.ts";
import { operationTool } from "./operation-tool.ts";
import type { Tool } from "./tool.ts";

const OS_TYPES = [
  "l26",
  "l24",
  "win11",
  "win10",
  "win8",
  "win7",
  "wvista",
  "w2k8",
  "w2k3",
  "w2k",
  "wxp",
  "solaris",
  "other",
] as const;

export const createVm: Tool = operationTool({
  name: "create_vm",
  title: "Create a virtual machine",
  description:
    "Creates a virtual machine with one disk, one network card and, if wanted, an ISO image in its " +
    "drive. It is not started. For one that is installed already clone a template with clone_vm. Waits " +
    "for the end of the task and gives its exit status and last log lines.",
  mode: "full",
  effect: "change",
  recorded: [
    "node",
    "vmid",
    "name",
    "cores",
    "sockets",
    "memory_mib",
    "storage",
    "disk_gib",
    "iso",
    "bridge",
    "vlan",
    "os_type",
    "guest_agent",
    "start_at_boot",
    "pool",
    "dry_run",
    "timeout",
  ],
  calls: [CLUSTER_RESOURCES, NEXT_ID, STORAGE_CONTENT, VM_CREATE],
  input: z.strictObject({
    node: NODE.describe("The node to create it on"),
    vmid: NEW_VMID,
    name: GUEST_NAME.describe("Name of the virtual machine"),
    cores: HARDWARE.cores,
    sockets: wholeNumber(1, 4).default(1).describe("Processor sockets; each has all the cores"),
    memory_mib: wholeNumber(16, 4_194_304).default(2048).describe("Memory in MiB"),
    storage: STORAGE.describe("Storage for its disk, one whose content has images"),
    disk_gib: HARDWARE.disk_gib,
    iso: volume("iso", "iso|img", "the id of an ISO image, as in local:iso/debian-13.iso")
      .optional()
      .describe("ISO image in its drive, as list_storage_content lists it"),
    bridge: HARDWARE.bridge,
    vlan: HARDWARE.vlan,
    os_type: oneOf(OS_TYPES).default("l26").describe("System in it; l26 is any present Linux"),
    guest_agent: choice(
      "Whether the QEMU guest agent will run in it; if it does not, shutdowns take long",
      false,
    ),
    start_at_boot: HARDWARE.start_at_boot,
    description: DESCRIPTION,
    pool: POOL,
    ...OPERATION_ARGUMENTS,
  }),
  plan: planCreateVm,
});
