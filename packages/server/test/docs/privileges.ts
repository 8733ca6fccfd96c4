/** What the pages say of privileges. */
import { collectionOf } from "../../src/health/online/missing-privileges.ts";
import { privilegeIn } from "../../src/health/online/privilege-names.ts";
import type { Need } from "../../src/proxmox/endpoint.ts";

/** As in: `VM.Audit` on `/vms/{vmid}`. With the older name where it had another. */
export function needText({ anyOf, on }: Need): string {
  const [newest, before] = ["9", "8"].map((release) => privilegeIn(release, anyOf));
  const older = before === newest ? "" : ` (\`${before}\` before Proxmox VE 9)`;
  return `\`${newest}\`${older} on \`${on}\``;
}

/** The needs in the order of their paths, each once. */
export function distinct(needs: readonly Need[]): readonly Need[] {
  const byText = new Map(needs.map((need) => [needText(need), need]));
  return [...byText.values()].sort((a, b) => (collectionOf(a.on) < collectionOf(b.on) ? -1 : 1));
}
