/** The doors in front of the tools, each with what somebody could try there. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { API_KEY, type OpenOptions, openHttp } from "./http-session.ts";
import { type RawAnswer, sender } from "./raw-request.ts";

const BEARER = `Bearer ${API_KEY}`;
const WRONG = "Bearer example-key-that-is-wrong";

async function opened(options: OpenOptions = {}) {
  const server = await openHttp(options);
  const { port } = new URL(server.url);
  const from = (address: string) => {
    const send = sender("127.0.0.1", Number(port), address);
    return (target: string, headers: readonly string[] = [], method = "GET") =>
      send({ method, target, headers: ["Host", `localhost:${port}`, ...headers] });
  };
  return { ...server, from, ask: from("127.0.0.1"), raw: sender("127.0.0.1", Number(port)) };
}

const codeOf = ({ body }: RawAnswer): unknown => {
  const { error } = JSON.parse(body) as { error: { code: unknown; data?: { code: unknown } } };
  return error.data?.code ?? error.code;
};

describe("the Authorization header", () => {
  test.each([
    ["Bearer", `Bearer ${API_KEY}`],
    ["lower case", `bearer ${API_KEY}`],
    ["several blanks", `Bearer    ${API_KEY}`],
    ["blanks around it, which HTTP drops", `  Bearer ${API_KEY}  `],
  ])("opens: %s", async (_, value) => {
    const { ask } = await opened();
    expect((await ask("/metrics", ["Authorization", value])).status).toBe(200);
  });

  test.each([
    ["nothing", []],
    ["an empty one", ["Authorization", ""]],
    ["a scheme alone", ["Authorization", "Bearer"]],
    ["a scheme and a blank", ["Authorization", "Bearer "]],
    ["the key alone", ["Authorization", API_KEY]],
    ["Basic", ["Authorization", `Basic ${btoa(`example:${API_KEY}`)}`]],
    ["another scheme that begins like it", ["Authorization", `BearerX ${API_KEY}`]],
    ["no blank", ["Authorization", `Bearer${API_KEY}`]],
    ["a tab", ["Authorization", `Bearer\t${API_KEY}`]],
    ["a colon", ["Authorization", `Bearer: ${API_KEY}`]],
    ["a part of the key", ["Authorization", BEARER.slice(0, -1)]],
    ["more than the key", ["Authorization", `${BEARER}0`]],
    ["the key in another case", ["Authorization", `Bearer ${API_KEY.toUpperCase()}`]],
    ["the key in quotes", ["Authorization", `Bearer "${API_KEY}"`]],
    ["the key and a parameter", ["Authorization", `${BEARER}, realm=x`]],
    ["two of it in one line", ["Authorization", `${BEARER}, ${BEARER}`]],
    ["two of it in two lines", ["Authorization", BEARER, "authorization", BEARER]],
    ["a wrong one before it", ["Authorization", WRONG, "Authorization", BEARER]],
    ["a wrong one behind it", ["Authorization", BEARER, "AUTHORIZATION", WRONG]],
    ["an empty one before it", ["Authorization", "", "Authorization", BEARER]],
    ["the name of the key", ["Authorization", "Bearer example"]],
    ["a name that every object has", ["Authorization", "Bearer constructor"]],
    ["another one of those", ["Authorization", "Bearer __proto__"]],
    ["another header", ["Proxy-Authorization", BEARER, "X-API-Key", API_KEY]],
    ["a cookie", ["Cookie", `authorization=${BEARER}; api_key=${API_KEY}`]],
    ["Latin letters beyond ASCII", ["Authorization", `${BEARER}é`]],
    ["a very long one", ["Authorization", `Bearer ${"a".repeat(15_000)}`]],
  ] as const)("does not open: %s", async (_, headers) => {
    const { ask } = await opened();
    for (const target of ["/metrics", "/api/mcp", "/%6detrics", "/api/%6dcp", "/metrics?x=1"]) {
      const answer = await ask(target, headers);
      expect([target, answer.status, codeOf(answer)]).toEqual([target, 401, "UNAUTHORIZED"]);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer realm="proxmox-mcp"/);
      expect(answer.body).not.toContain("example");
    }
  });

  test("is not read from a query", async () => {
    const { ask } = await opened();
    for (const name of ["access_token", "api_key", "authorization"]) {
      const value = encodeURIComponent(name === "authorization" ? BEARER : API_KEY);
      expect((await ask(`/metrics?${name}=${value}`)).status).toBe(401);
    }
  });

  test("tells a wrong key from none, and not by what it is alike", async () => {
    const { ask } = await opened({
      http: { api_keys: { __proto__: "x".repeat(16), ci: "example-key-0123456789" } },
    });
    const none = await ask("/metrics");
    expect(none.headers["www-authenticate"]).toBe('Bearer realm="proxmox-mcp"');
    const answers = [];
    for (const key of ["ci", "example-key-012345678", "nobody", "constructor"]) {
      const { status, headers, body } = await ask("/metrics", ["Authorization", `Bearer ${key}`]);
      answers.push(JSON.stringify([status, headers["www-authenticate"], body]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("invalid_token");
    expect(JSON.parse(none.body)).toEqual(
      JSON.parse((JSON.parse(answers[0] ?? "") as string[])[2] ?? ""),
    );
  });

  test("opens with a key until the reload that removes it, and not in the middle of a request", async () => {
    const { ask, replace } = await opened({ http: { api_keys: { a: API_KEY } } });
    expect((await ask("/metrics", ["Authorization", BEARER])).status).toBe(200);
    replace({ http: { api_keys: { b: "example-key-of-another-one" } } });
    expect((await ask("/metrics", ["Authorization", BEARER])).status).toBe(401);
    const other = "Bearer example-key-of-another-one";
    expect((await ask("/metrics", ["Authorization", other])).status).toBe(200);
    replace({ http: { api_keys: {} } });
    expect((await ask("/metrics", ["Authorization", other])).status).toBe(401);
  });

  test("is asked of nobody with --insecure-no-auth, and is then not looked at", async () => {
    const { ask } = await opened({ insecureNoAuth: true, http: { api_keys: {} } });
    for (const headers of [[], ["Authorization", WRONG]]) {
      expect((await ask("/metrics", headers)).status).toBe(200);
    }
  });
});

describe("the Host header", () => {
  const foreign = "evil.example";

  test.each([
    ["foreign", ["Host", foreign], 403],
    ["doubled", ["Host", "localhost", "Host", "localhost"], 403],
    ["doubled in another case", ["Host", "localhost", "hOST", foreign], 403],
    ["missing", [], 400],
    ["empty", ["Host", ""], 400],
    ["with a user", ["Host", `localhost@${foreign}`], 400],
    ["with our user", ["Host", `${foreign}@localhost`], 400],
    ["two in one line", ["Host", `localhost, ${foreign}`], 400],
    ["with a path", ["Host", `localhost/${foreign}`], 400],
    ["an address without brackets", ["Host", "::1"], 400],
    ["all addresses", ["Host", "0.0.0.0"], 403],
    ["an address in another form", ["Host", "0x7f.1"], 403],
    ["in X-Forwarded-Host", ["Host", foreign, "X-Forwarded-Host", "localhost"], 403],
  ] as const)("is refused where it is %s", async (_, headers, status) => {
    const { raw } = await opened();
    const answer = await raw({
      target: "/api/mcp",
      headers: [...headers, "Authorization", BEARER],
    });
    expect([answer.status, codeOf(answer)]).toEqual([
      status,
      status === 403 ? "HOST_REFUSED" : "BAD_REQUEST",
    ]);
  });

  test("is that of an absolute target as well, and both must be ours", async () => {
    const { raw } = await opened();
    const ask = async (target: string, host: string) => {
      const headers = ["Host", host, "Authorization", BEARER];
      return (await raw({ target, headers })).status;
    };
    expect(await ask("http://localhost/metrics", "localhost")).toBe(200);
    expect(await ask("http://evil.example/metrics", "localhost")).toBe(403);
    expect(await ask("http://localhost/metrics", "evil.example")).toBe(403);
    expect(await ask("http://localhost@evil.example/metrics", "localhost")).toBe(403);
    expect(await ask("http://evil.example@localhost/metrics", "localhost")).toBe(403);
    expect(await ask("http://localhost\\@evil.example/metrics", "localhost")).not.toBe(200);
    expect(await ask("ftp://localhost/metrics", "localhost")).not.toBe(200);
  });

  test("may be any for probes, which go to addresses", async () => {
    const { raw } = await opened();
    for (const host of [foreign, "10.1.2.3:8080", "[2001:db8::1]:8080"]) {
      for (const target of ["/livez", "/readyz"]) {
        expect((await raw({ target, headers: ["Host", host] })).status).toBe(200);
      }
      for (const target of ["/livez/", "/livez/x", "/metrics", "/nothing"]) {
        expect((await raw({ target, headers: ["Host", host] })).status).toBe(403);
      }
    }
  });
});

describe("web pages", () => {
  const ORIGIN = "https://console.example";
  const http = { allowed_origins: [ORIGIN] };

  test("of an allowed origin may ask with all headers of MCP, and read the answer's", async () => {
    const { ask } = await opened({ http });
    const preflight = [
      ["Origin", ORIGIN, "Access-Control-Request-Method", "POST"],
      ["Access-Control-Request-Headers", "authorization,content-type,mcp-method,mcp-name"],
    ].flat();
    const { status, headers, body } = await ask("/api/mcp", preflight, "OPTIONS");
    expect([status, body]).toEqual([204, ""]);
    expect(headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(headers["access-control-allow-credentials"]).toBeUndefined();
    expect(headers["access-control-allow-methods"]?.split(",")).toContain("POST");
    const allowed = headers["access-control-allow-headers"]?.toLowerCase().split(",");
    for (const name of [
      "authorization",
      "content-type",
      "accept",
      "last-event-id",
      "mcp-session-id",
      "mcp-protocol-version",
      "mcp-method",
      "mcp-name",
    ]) {
      expect(allowed).toContain(name);
    }
    const answer = await ask("/metrics", ["Origin", ORIGIN, "Authorization", BEARER]);
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(answer.headers["access-control-expose-headers"]?.split(",")).toContain("Retry-After");
    expect(answer.headers.vary).toContain("Origin");
  });

  test("of the server itself may, which serves none, since some clients say that they are it", async () => {
    const { ask, url } = await opened();
    const { port } = new URL(url);
    const from = (origin: string) => ask("/metrics", ["Authorization", BEARER, "Origin", origin]);
    expect((await from(`http://localhost:${port}`)).status).toBe(200);
    expect((await from(`https://localhost:${port}`)).status).toBe(403);
    expect((await from(`http://127.0.0.1:${port}`)).status).toBe(403);
  });

  test.each([
    ["another origin", ["Origin", "https://evil.example"]],
    ["null", ["Origin", "null"]],
    ["an empty one", ["Origin", ""]],
    ["one that begins like ours", ["Origin", `${ORIGIN}.evil.example`]],
    ["another port", ["Origin", `${ORIGIN}:8443`]],
    ["another scheme", ["Origin", "http://console.example"]],
    ["two origins", ["Origin", ORIGIN, "Origin", ORIGIN]],
    ["two in one line", ["Origin", `${ORIGIN}, https://evil.example`]],
    ["another port of this machine", ["Origin", "http://localhost:1"]],
    ["another name of this machine", ["Origin", "http://[::1]"]],
  ] as const)("of %s may not, whatever they ask", async (_, origin) => {
    const { ask } = await opened({ http });
    for (const [method, target] of [
      ["GET", "/api/mcp"],
      ["OPTIONS", "/api/mcp"],
      ["GET", "/livez"],
      ["GET", "/metrics"],
    ] as const) {
      const more = ["Authorization", BEARER, "Access-Control-Request-Method", "POST"];
      const answer = await ask(target, [...origin, ...more], method);
      expect([method, target, answer.status, codeOf(answer)]).toEqual([
        method,
        target,
        403,
        "ORIGIN_REFUSED",
      ]);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });
});

describe("the limit of a client", () => {
  const http = {
    api_keys: { one: "example-key-number-one", two: "example-key-number-two" },
    rate_limit: { per_minute: 3, per_minute_per_address: 1000 },
  };
  const one = ["Authorization", "Bearer example-key-number-one"];
  const two = ["Authorization", "Bearer example-key-number-two"];

  test("is its key's, from whatever address, and flows back", async () => {
    let time = 0;
    const { from } = await opened({ http, monotonic: () => time });
    const [here, there] = [from("127.0.0.1"), from("127.0.0.2")];
    const statuses = [];
    for (const ask of [here, there, here]) statuses.push((await ask("/metrics", one)).status);
    expect(statuses).toEqual([200, 200, 200]);
    const refused = await there("/metrics", one);
    expect([refused.status, codeOf(refused)]).toEqual([429, "RATE_LIMITED"]);
    expect(refused.headers["retry-after"]).toBe("20");
    expect((await there("/metrics", two)).status).toBe(200);
    time += 19_999;
    expect((await here("/api/mcp", one, "POST")).headers["retry-after"]).toBe("1");
    time += 1;
    expect((await here("/metrics", one)).status).toBe(200);
  });

  test("is its address's without authentication", async () => {
    const { from } = await opened({
      http: { ...http, api_keys: {} },
      insecureNoAuth: true,
      monotonic: () => 0,
    });
    const [here, there] = [from("127.0.0.1"), from("127.0.0.2")];
    for (let times = 0; times < 3; times += 1) await here("/metrics");
    expect((await here("/metrics")).status).toBe(429);
    expect((await there("/metrics")).status).toBe(200);
  });

  test("is taken from the config in force", async () => {
    const { ask, replace } = await opened({ http, monotonic: () => 0 });
    for (let times = 0; times < 3; times += 1) await ask("/metrics", one);
    expect((await ask("/metrics", one)).status).toBe(429);
    replace({ http: { ...http, rate_limit: { per_minute: 1, per_minute_per_address: 1000 } } });
    expect((await ask("/metrics", one)).headers["retry-after"]).toBe("60");
  });
});

describe("the limit of an address", () => {
  const rate_limit = { per_minute: 1000, per_minute_per_address: 120 };

  test.each([
    ["a wrong key", ["Authorization", WRONG], "/metrics"],
    ["a wrong key for the endpoint", ["Authorization", WRONG], "/api/mcp"],
    ["a wrong key for a probe", ["Authorization", WRONG], "/readyz"],
    ["no key", [], "/metrics"],
  ])("takes sixty for %s, and then refuses whatever comes", async (_, headers, target) => {
    let time = 0;
    const { from } = await opened({ http: { rate_limit }, monotonic: () => time });
    const [here, there] = [from("127.0.0.1"), from("127.0.0.2")];
    const statuses = [];
    for (let times = 0; times < 3; times += 1) statuses.push((await here(target, headers)).status);
    expect(statuses).toEqual([401, 401, 429]);
    const right = await here("/metrics", ["Authorization", BEARER]);
    expect([right.status, codeOf(right), right.headers["retry-after"]]).toEqual([
      429,
      "RATE_LIMITED",
      "1",
    ]);
    expect((await here("/livez")).status).toBe(429);
    expect((await here("/nothing")).status).toBe(429);
    expect((await there("/metrics", ["Authorization", BEARER])).status).toBe(200);
    time += 500;
    expect((await here("/metrics", ["Authorization", BEARER])).status).toBe(200);
    time += 1000;
    expect((await here(target, headers)).status).toBe(401);
    expect((await here(target, headers)).headers["retry-after"]).toBe("30");
  });

  test("lets two wrong keys a minute through in the long run, however many come", async () => {
    let time = 0;
    const { ask } = await opened({ http: { rate_limit }, monotonic: () => time });
    let compared = 0;
    for (let times = 0; times < 3000; times += 1) {
      time += 100;
      if ((await ask("/metrics", ["Authorization", WRONG])).status === 401) compared += 1;
    }
    // Five minutes, and the bucket that was full.
    expect(compared).toBeGreaterThanOrEqual(10);
    expect(compared).toBeLessThanOrEqual(12);
  });

  test("is no larger for requests that come at once", async () => {
    const { url } = await opened({ http: { rate_limit }, monotonic: () => 0 });
    const { port } = new URL(url);
    const request = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${WRONG}\r\n\r\n`;
    const last = request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    const socket = connect(Number(port), "127.0.0.1", () =>
      socket.write(request.repeat(199) + last),
    );
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toHaveLength(200);
    expect(answers.match(/HTTP\/1\.1 401/g)).toHaveLength(2);
  });

  test("is that of the client behind a trusted proxy, and of a /64 of IPv6", async () => {
    const { ask } = await opened({
      http: {
        rate_limit: { per_minute: 1000, per_minute_per_address: 2 },
        trusted_proxies: ["127.0.0.1"],
      },
      monotonic: () => 0,
    });
    const statusOf = async (client: string) =>
      (await ask("/livez", ["X-Forwarded-For", client])).status;
    expect(await statusOf("192.0.2.1")).toBe(200);
    expect(await statusOf("::ffff:192.0.2.1")).toBe(200);
    expect(await statusOf("192.0.2.1")).toBe(429);
    expect(await statusOf("192.0.2.2")).toBe(200);
    expect(await statusOf("2001:db8:1:2::1")).toBe(200);
    expect(await statusOf("2001:db8:1:2:ffff::1")).toBe(200);
    expect(await statusOf("2001:db8:1:2:abcd:1:2:3")).toBe(429);
    expect(await statusOf("2001:db8:1:3::1")).toBe(200);
  });
});

describe("the name of a request", () => {
  test.each(["a", "0-1_2=", "f".repeat(64), "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee"])(
    "is the client's where that is a word: %s",
    async (name) => {
      const { ask } = await opened();
      for (const target of ["/livez", "/metrics", "/nothing", "/api/mcp"]) {
        expect((await ask(target, ["X-Request-Id", name])).headers["x-request-id"]).toBe(name);
      }
    },
  );

  test.each([
    "",
    "two words",
    "f".repeat(65),
    'a"b',
    "a,b",
    "a;b",
    "é",
    "a\tb",
    "{}",
    "../x",
    "${x}",
  ])("is a new one where it is not: %j", async (name) => {
    const { ask } = await opened();
    const seen = new Set<unknown>();
    for (let times = 0; times < 2; times += 1) {
      const { headers } = await ask("/livez", ["X-Request-Id", name]);
      expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
      seen.add(headers["x-request-id"]);
    }
    expect(seen.size).toBe(2);
  });

  test("is new where there are two", async () => {
    const { ask } = await opened();
    const { headers } = await ask("/livez", ["X-Request-Id", "one", "X-Request-Id", "two"]);
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});
