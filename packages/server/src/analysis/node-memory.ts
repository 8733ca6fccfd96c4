import type { NodeResource } from "../proxmox/resources.ts";
import type { Space } from "./space.ts";
import { nodeSubject } from "./subject.ts";

/** The memory of a node. */
export function nodeMemory({ node, mem, maxmem }: NodeResource): Space {
  return {
    subject: nodeSubject(node),
    name: `Node ${node}`,
    of: "memory",
    used: mem,
    total: maxmem,
    about: { node },
  };
}
