/** What finds secrets in a text: a bundle of its own, which no other command has to load. */
export { findLeaks } from "@proxmox-mcp/crypto/config";
