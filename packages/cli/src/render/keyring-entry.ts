import { keyringSource } from "@proxmox-mcp/crypto/internal";

/** What an entry of the keyring is called in a sentence. */
export function keyringEntry(account: string): string {
  return keyringSource(account).from;
}
