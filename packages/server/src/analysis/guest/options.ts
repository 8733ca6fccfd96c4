/** Options of a guest's configuration that are more than one word. */
import type { GuestConfig } from "../../proxmox/guest.ts";

/** Whether an option says yes: `1`, or `enabled=1` in a list of properties. */
export function isOn(config: GuestConfig, option: string): boolean {
  const value = String(config[option] ?? "0");
  const [first = ""] = value.split(",");
  return first === "1" || value.split(",").includes("enabled=1");
}

/** Options of numbered devices, as in `net0` and `net1`, in their order. */
export function numbered(config: GuestConfig, device: string): readonly [string, string][] {
  const pattern = new RegExp(`^${device}\\d+$`);
  return Object.entries(config)
    .filter(([option]) => pattern.test(option))
    .map(([option, value]): [string, string] => [option, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
