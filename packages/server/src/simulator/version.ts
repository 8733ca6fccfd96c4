/** The release of Proxmox VE that is simulated. */
import { type Route, route } from "./route.ts";

export const RELEASE: Readonly<Record<"version" | "release" | "repoid", string>> = {
  version: "9.2.11",
  release: "9.2",
  repoid: "0123456789abcdef",
};

export const VERSION_ROUTES: readonly Route[] = [
  route("GET", "/version", "all", {}, () => RELEASE),
];
