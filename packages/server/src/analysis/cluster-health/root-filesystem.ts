import type { NodeResource } from "../../proxmox/resources.ts";
import type { Space } from "../space.ts";
import { nodeSubject } from "../subject.ts";

/** The file system that a node itself lives on. */
export function rootFilesystem({ node, disk, maxdisk }: NodeResource): Space {
  return {
    subject: nodeSubject(node),
    name: `Node ${node}`,
    of: "root filesystem",
    used: disk,
    total: maxdisk,
    about: { node },
  };
}
