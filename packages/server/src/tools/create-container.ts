/** `create_container`: makes a new container. */
import { z } from "zod";
import { planCreateContainer } from "../operations/create-container.ts";
import {
  CLUSTER_RESOURCES,
  CONTAINER_CREATE,
  NEXT_ID,
  STORAGE_CONTENT,
} from "../proxmox/endpoints.ts";
import { NODE, STORAGE, text, wholeNumber } from "./arguments.ts";
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

const BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = `${BYTE}(?:\\.${BYTE}){3}`;
const KEYS = "a list of at most 50 public keys in OpenSSH format, each one line";
const KEY =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,3}(?: [^\p{Cc}]{1,200})?$/u;

export const createContainer: Tool = operationTool({
  name: "create_container",
  title: "Create a container",
  description:
    "Creates a container out of a template, with one disk and one network card. It is not started. " +
    "No password can be set, since it would pass through the model and its records: give SSH public " +
    "keys for root, or enter it with pct enter on the node. Waits for the end of the task and gives its " +
    "exit status and last log lines.",
  mode: "full",
  effect: "change",
  recorded: [
    "node",
    "vmid",
    "hostname",
    "template",
    "cores",
    "memory_mib",
    "swap_mib",
    "storage",
    "disk_gib",
    "bridge",
    "vlan",
    "ip",
    "gateway",
    "unprivileged",
    "nesting",
    "start_at_boot",
    "pool",
    "dry_run",
    "timeout",
  ],
  calls: [CLUSTER_RESOURCES, NEXT_ID, STORAGE_CONTENT, CONTAINER_CREATE],
  input: z.strictObject({
    node: NODE.describe("The node to create it on"),
    vmid: NEW_VMID,
    hostname: GUEST_NAME.describe("Name of the container"),
    template: volume(
      "vztmpl",
      "tar\\.(?:gz|xz|zst|bz2)",
      "the id of a container template, as in local:vztmpl/debian-13.tar.zst",
    ).describe("Container template, as list_storage_content lists it"),
    cores: HARDWARE.cores,
    memory_mib: wholeNumber(16, 4_194_304).default(512).describe("Memory in MiB"),
    swap_mib: wholeNumber(0, 4_194_304).default(512).describe("Swap in MiB"),
    storage: STORAGE.describe("Storage for its disk, one whose content has rootdir"),
    disk_gib: HARDWARE.disk_gib,
    bridge: HARDWARE.bridge,
    vlan: HARDWARE.vlan,
    ip: text(
      new RegExp(`^(?:dhcp|${IPV4}/(?:3[0-2]|[12]?[0-9]))$`),
      "dhcp, or an IPv4 address with its prefix, as in 192.0.2.10/24",
    )
      .default("dhcp")
      .describe("Its address: dhcp, or as in 192.0.2.10/24"),
    gateway: text(new RegExp(`^${IPV4}$`), "an IPv4 address")
      .optional()
      .describe("IPv4 address of its gateway"),
    unprivileged: choice("Whether its root is nobody on the node, which is safer", true),
    nesting: choice("Whether it may nest, as systemd in new distributions wants", false),
    ssh_public_keys: z
      .array(text(KEY, KEYS), { error: KEYS })
      .max(50, KEYS)
      .default([])
      .describe("SSH public keys that may log in as root"),
    start_at_boot: HARDWARE.start_at_boot,
    description: DESCRIPTION,
    pool: POOL,
    ...OPERATION_ARGUMENTS,
  }),
  plan: planCreateContainer,
});
