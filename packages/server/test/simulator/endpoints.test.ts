/** What the client may call is what the simulated cluster answers, under the same privileges. */
import { expect, test } from "vitest";
import type { Endpoint } from "../../src/proxmox/endpoint.ts";
import * as endpoints from "../../src/proxmox/endpoints.ts";
import { findRoute } from "../../src/simulator/routes.ts";

// Proxmox itself looks at these in the call: your own tasks are yours to see, new guests have no path.
const CHECKED_IN_CALL = /\/tasks\/\{upid\}\/|^\/nodes\/\{node\}\/(?:qemu|lxc)$/;

const all: readonly Endpoint[] = Object.values(endpoints);

test.each(all)("$method $path", ({ method, path, parameters, needs }) => {
  const { route } = findRoute(method, path.replace(/\{(\w+)\}/g, "$1")) ?? {};
  expect(route?.path).toBe(path);
  expect(Object.keys(route?.parameters ?? {})).toEqual(expect.arrayContaining([...parameters]));
  if (CHECKED_IN_CALL.test(path)) return;
  const access = route?.access;
  const [need] = needs;
  if (need === undefined) {
    expect(access).toEqual(expect.any(String));
    return;
  }
  expect(access).toMatchObject({ on: need.on });
  const { anyOf = [] } = typeof access === "object" ? access : {};
  expect(anyOf).toEqual(expect.arrayContaining([need.anyOf[0]]));
});
