import { request } from "node:http";
import { describe, expect, test } from "vitest";
import { openHttp } from "./http-session.ts";

describe("GET /livez", () => {
  test("says that the process is alive, to anybody", async () => {
    const server = await openHttp();
    const answer = await server.fetch("/livez");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "alive" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("answers by the address of a pod, as a kubelet asks", async () => {
    const { origin } = await openHttp();
    const status = await new Promise((resolve, reject) => {
      request(`${origin}/livez`, { headers: { host: "10.244.0.17:8080" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test("takes HEAD, and no other method", async () => {
    const server = await openHttp();
    const head = await server.fetch("/livez", { method: "HEAD" });
    expect({ status: head.status, body: await head.text() }).toEqual({ status: 200, body: "" });
    const post = await server.fetch("/livez", { method: "POST", body: "{}" });
    expect({ status: post.status, allow: post.headers.get("allow") }).toEqual({
      status: 405,
      allow: "GET, HEAD",
    });
  });

  test("is closed to networks that are not allowed", async () => {
    const server = await openHttp({ http: { allowed_networks: ["192.0.2.0/24"] } });
    expect((await server.fetch("/livez")).status).toBe(403);
  });
});
