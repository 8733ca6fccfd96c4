import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findLeaks } from "../../../src/config/leaks/find-leaks.ts";
import { leaky, VALUES } from "./leaky.ts";

/** What is found, each as `line:column kind name`. */
async function found(path: string, text: string): Promise<readonly string[]> {
  const { leaks } = await findLeaks(leaky(text), path);
  return leaks.map(({ line, column, kind, name }) =>
    [`${line}:${column}`, kind, name].filter((part) => part !== undefined).join(" "),
  );
}

describe("fields of a config", () => {
  test.each<readonly [string, string, string, readonly string[]]>([
    [
      "JSON",
      "config.json",
      '{\n  "auth": {\n    "token_value": "@UUID@" }\n}\n',
      ["3:20 plain /auth/token_value"],
    ],
    ["YAML", "a.yaml", "auth:\n  token_value: @UUID@\n", ["2:16 plain /auth/token_value"]],
    [".env", ".env", "A=1\nPROXMOX_PASSWORD=@WORD@\n", ["2:18 plain env:PROXMOX_PASSWORD"]],
    ["a simple word", "a.json", '{"auth":{"password":"@WORD@"}}', ["1:21 plain /auth/password"]],
    ["an API key", "a.yml", "http:\n  api_keys:\n    ci: a-b\n", ["3:9 plain /http/api_keys/ci"]],
    ["any YAML", "a.yml", "db:\n  password: @WORD@\n", ["2:13 plain /db/password"]],
    [
      "a field that no rule names",
      "a.json",
      '{"auth":{},"smtp":{"smtpPassword":"@WORD@"}}',
      ["1:35 secret-looking /smtp/smtpPassword"],
    ],
    [
      "a token that begins well and is none",
      "a.json",
      '{"auth":{"token_value":"enc:@WORD@"}}',
      ["1:24 malformed /auth/token_value"],
    ],
    [
      "a default",
      "a.yaml",
      "auth:\n  token_value: ${T:-@UUID@}\n",
      ["2:16 plain-default /auth/token_value"],
    ],
    [
      "a default that no rule names",
      "a.yaml",
      "auth: {}\ngrafana_token: ${T:-@HEX@}\nother_token: ${T:-}\nmy_password: ${P:-changeme}\n",
      ["2:16 plain-default /grafana_token"],
    ],
    [
      "the first of two defaults",
      "a.yaml",
      "auth:\n  token_value: ${T:-@UUID@}${U:-}\n",
      ["2:16 plain-default /auth/token_value"],
    ],
    ["a number", "a.json", '{"auth":{"password":4711}}', ["1:21 not-a-string /auth/password"]],
    ["a list", "a.json", '{"secret":["@HEX@"]}', ["1:13 secret-looking secret"]],
    ["a master key", "a.json", '{"master_key":"@KEY@"}', ["1:15 master-key /master_key"]],
    [
      "a token of Proxmox in any field",
      "a.yaml",
      "note: root@pam!ci=@UUID@\nsecret: ${S}\n",
      ["1:7 pve-token /note"],
    ],
    [
      "several, in the order of the text",
      "a.yaml",
      "# was root@pam!ci=@UUID@\nservers:\n  a:\n    password: @WORD@\nauth:\n  token_value: @OTHER_UUID@\n",
      ["1:7 pve-token", "4:15 plain /servers/a/password", "6:16 plain /auth/token_value"],
    ],
    ["a backup", "a.json.backup.20260131_120000", '{"secret":"@WORD@"}', ["1:11 plain /secret"]],
    [
      "a config in a manifest",
      "configmap.yaml",
      'data:\n  config.json: |\n    { "auth": { "token_value": "@UUID@" } }\n',
      ["3:33 secret-looking token_value"],
    ],
    [
      "a config in a string",
      "a.json",
      String.raw`{"config":"{\"token_value\": \"@UUID@\"}"}`,
      ["1:32 secret-looking token_value"],
    ],
    [
      "a token of Proxmox in a list of YAML, where a comma may be a part of its user's name",
      "a.yaml",
      "note: [x,root@pam!ci=@UUID@]\nsecret: ${S}\n",
      ["1:10 pve-token /note/1"],
    ],
    [
      "a file that is no config for the parser",
      "a.yaml",
      "a: 1\n---\nb:\n  token_value: @UUID@\n",
      ["4:16 secret-looking token_value"],
    ],
  ])("%s", async (_, path, text, expected) => {
    expect(await found(path, text)).toEqual(expected);
  });
});

describe("values beside names, in any text", () => {
  test.each<readonly [string, string, string, string]>([
    ["TypeScript", "a.ts", 'const apiToken = "@HEX@";', "1:19 secret-looking apiToken"],
    [
      "TypeScript with a type",
      "a.ts",
      'const password: string = "@PASSWORD@";',
      "1:27 secret-looking password",
    ],
    [
      "a quote within a value",
      "a.ts",
      String.raw`const apiToken = "a\"@HEX@";`,
      "1:19 secret-looking apiToken",
    ],
    ["an object", "a.mjs", "({ 'api-key': '@HEX@' })", "1:16 secret-looking api-key"],
    ["a property", "a.js", "config.auth.tokenValue = `@UUID@`", "1:27 secret-looking tokenValue"],
    ["a comparison", "a.js", 'if (password === "@PASSWORD@")', "1:19 secret-looking password"],
    ["a header", "a.ts", 'headers["x-api-key"] = "@HEX@"', "1:25 secret-looking x-api-key"],
    ["Python", "a.py", 'PASSWORD = r"@PASSWORD@"', "1:14 secret-looking PASSWORD"],
    [
      "Python's environment",
      "a.py",
      "os.environ['A_TOKEN'] = '@HEX@'",
      "1:26 secret-looking A_TOKEN",
    ],
    ["Go", "a.go", 'token := "@UUID@"', "1:11 secret-looking token"],
    ["Rust", "a.rs", 'let secret: &str = "@HEX@";', "1:21 secret-looking secret"],
    ["PHP", "a.php", "'db_password' => '@PASSWORD@',", "1:19 secret-looking db_password"],
    [
      "shell",
      "a.sh",
      "export PROXMOX_TOKEN_SECRET=@UUID@",
      "1:29 secret-looking PROXMOX_TOKEN_SECRET",
    ],
    [
      "a shell's default",
      "a.sh",
      "PASSWORD=${PASSWORD:-@PASSWORD@}",
      "1:21 secret-looking PASSWORD",
    ],
    [
      "the first of two defaults in a script",
      "a.sh",
      'export TOKEN_SECRET="${A:-@UUID@}${B:-changeme}"',
      "1:22 secret-looking TOKEN_SECRET",
    ],
    ["an option", "a.sh", "pvesh --token-secret @UUID@", "1:22 secret-looking token-secret"],
    ["an option with a sign", "a.sh", "run --password=@PASSWORD@", "1:16 secret-looking password"],
    ["TOML", "a.toml", 'client_secret = "@HEX@"', "1:18 secret-looking client_secret"],
    ["INI", "a.ini", "password = @PASSWORD@", "1:12 secret-looking password"],
    ["properties", "a.properties", "spring.password=@PASSWORD@", "1:17 secret-looking password"],
    ["Terraform", "a.tf", 'api_token = "@HEX@"', "1:14 secret-looking api_token"],
    ["a Dockerfile", "Dockerfile", "ENV API_KEY=@HEX@", "1:13 secret-looking API_KEY"],
    ["a unit", "a.service", "Environment=A_SECRET=@HEX@", "1:22 secret-looking A_SECRET"],
    ["JSON with comments", "a.jsonc", '{ // x\n "token": "@HEX@" }', "2:12 secret-looking token"],
    ["a page", "a.md", "The token is `@UUID@`.", "1:15 secret-looking token"],
    ["a table", "a.md", "| token_value | @UUID@ |", "1:17 secret-looking token_value"],
    ["the next line", "a.md", "API key:\n\n    @UUID@", "3:5 secret-looking API key"],
    ["a bearer", "a.http", "Authorization: Bearer @HEX@", "1:23 secret-looking Bearer"],
    [
      "a query",
      "a.txt",
      "https://x.test/?access_token=@HEX@&a=1",
      "1:30 secret-looking access_token",
    ],
    ["a name that is no word", "a.sh", "x7f3a9_token_4Qz=@HEX@", "1:18 secret-looking"],
    [
      "no line feeds",
      "a.min.js",
      `${"a=1;".repeat(50)}token="@HEX@"`,
      "1:208 secret-looking token",
    ],
    ["line ends of Windows", "a.ini", "a=1\r\nsecret=@HEX@\r\n", "2:8 secret-looking secret"],
  ])("%s", async (_, path, text, expected) => {
    expect(await found(path, text)).toEqual([expected]);
  });
});

describe("tokens of Proxmox VE", () => {
  test.each<readonly [string, string, string]>([
    ["a header", "Authorization: PVEAPIToken=mcp@pve!ci=@UUID@", "1:28 pve-token"],
    ["alone", "mcp@pve!ci=@UUID@", "1:1 pve-token"],
    ["in quotes", 'x("root@pam!a-b_c.d=@UUID@")', "1:4 pve-token"],
    ["in capitals", "mcp@pve!ci=@UUID@".toUpperCase(), "1:1 pve-token"],
  ])("%s", async (_, text, expected) => {
    expect(await found("a.ts", text)).toEqual([expected]);
  });
});

describe("keys", () => {
  test.each<readonly [string, string, string, string]>([
    ["a variable", "a.sh", "export PROXMOX_MCP_MASTER_KEY=@KEY@", "1:31 master-key"],
    ["a name", "a.ts", 'const masterKey = "@KEY@";', "1:20 master-key"],
    ["a line below its name", "a.sh", "cat > .proxmox_mcp_key <<END\n@KEY@\nEND", "2:1 master-key"],
    ["a successor", "a.txt", "some words\nnext:@KEY@\n", "2:6 master-key"],
    ["a key of Fernet", "a.py", 'KEY = "@KEY@"', "1:8 master-key"],
    ["in a Secret of Kubernetes", "a.yaml", "data:\n  key: @BASE64:KEY\\n@\n", "2:8 master-key"],
    [
      "two in a Secret of Kubernetes",
      "a.yaml",
      "data:\n  key: @BASE64:KEY\\nnext:NEXT_KEY\\n@\n",
      "2:8 master-key",
    ],
    ["a private key", "a.pem", "-----BEGIN PRIVATE KEY-----\n@PEM@\n", "1:1 private-key"],
    [
      "a private key in a string",
      "a.js",
      '"-----BEGIN EC PRIVATE KEY-----\\n@PEM@"',
      "1:2 private-key",
    ],
    ["a file of keys", "whatever", "@KEY@\n", "1:1 key-file"],
    ["a file of several", "whatever", "@KEY@ # active\nnext:@NEXT_KEY@\n", "1:1 key-file"],
  ])("%s", async (_, path, text, expected) => {
    expect(await found(path, text)).toEqual([expected]);
  });

  test.each<readonly [string, string, string]>([
    ["a public key", "wg.conf", "PublicKey = @KEY@"],
    ["a hash", "a.html", '<script integrity="sha256-@KEY@">'],
    ["a fingerprint", "a.txt", "key fingerprint is SHA256:@KEY@"],
    ["32 bytes without a word on what they are", "a.json", '{"digest":"@KEY@"}'],
    ["an encrypted private key", "a.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n@PEM@\n"],
    ["the name of a private key's format", "a.ts", '"-----BEGIN PRIVATE KEY-----"'],
    ["a key that counts on", "a.sh", "MASTER_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
    ["a key of zeros", "a.sh", `MASTER_KEY=${"A".repeat(43)}=`],
  ])("none: %s", async (_, path, text) => {
    expect(await found(path, text)).toEqual([]);
  });
});

describe("what stands in for a value", () => {
  const STAND_INS = [
    "",
    "${TOKEN}",
    "${TOKEN:-}",
    "${TOKEN:-changeme}",
    "$TOKEN",
    "$(pass show token)",
    "{{ .Values.token }}",
    "<token>",
    "<your token here>",
    "%TOKEN%",
    "[redacted]",
    "changeme",
    "change-me-1234",
    "your-token-here-1",
    "example-token-1234567890",
    "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
    "****************",
    "00000000-0000-0000-0000-000000000000",
    "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee",
    "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "12345678-1234-1234-1234-123456789abc",
    "0123456789abcdef0123456789abcdef",
    "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "ENC[AES256_GCM,data:8Zq1f3==,tag:a9]",
  ];

  test.each(STAND_INS)("%j", async (value) => {
    const quoted = JSON.stringify(value);
    expect(await found("config.json", `{"auth":{"token_value":${quoted}}}`)).toEqual([]);
    expect(await found("a.ts", `const apiToken = ${quoted};`)).toEqual([]);
    expect(await found("a.yaml", `password: ${quoted}\n`)).toEqual([]);
  });

  test("as the secret of a token of Proxmox", async () => {
    expect(await found("a.md", "root@pam!ci=00000000-aaaa-bbbb-cccc-eeeeeeeeeeee")).toEqual([]);
  });
});

describe("what is no secret", () => {
  test.each<readonly [string, string, string]>([
    ["a type", "a.ts", "readonly password: string;"],
    ["a call", "a.ts", "const token = createToken(x1y2z3a4b5c6d7e8);"],
    ["a call in a script", "a.sh", "token=$(curl https://a.test/v1/token)"],
    ["a variable", "a.sh", 'PASSWORD="$SECRET_PASSWORD_2"'],
    ["an expression", "a.py", "password = settings.password2hash4"],
    ["an identifier", "a.ts", 'const tokenKind = "oauth2-access-token-v1";'],
    ["a sentence", "a.ts", 'const password = "Enter your password, 8 characters";'],
    ["a label", "en.json", '{"password":"Password","api_key":"API key:"}'],
    ["the id of a token", "a.ini", "token_id = @UUID@"],
    ["a UUID elsewhere", "a.txt", "request @UUID@ failed"],
    ["a path", "a.ini", "password_file = /run/secrets/proxmox-2"],
    ["an address", "a.ini", "token_url = https://idp.test/oauth2/token"],
    ["a file name", "a.ini", "secret = proxmox-2024.json"],
    ["a schema", "a.json", '{"properties":{"password":{"type":"string"}},"secret":["name"]}'],
    ["a pattern", "a.js", 'const TOKEN = "[A-Za-z0-9._~+/-]+=*";'],
    ["the end of a text", "a.ts", 'read("x").split("api_keys:")).toHaveLength(2);'],
    ["a reference of a workflow", "a.yml", "token: ${{ secrets.TOKEN_12345678 }}\n"],
    ["a reference of Kubernetes", "a.yml", "secretKeyRef:\n  name: proxmox-2\n  key: token\n"],
    ["a count", "a.py", "max_tokens = 8192819281928192"],
    ["nothing at all", "a.txt", ""],
    [
      "an example under a name that tells of a secret",
      "a.json",
      '{"auth":{},"smtp":{"smtpPassword":"change-me-1234"}}',
    ],
    ["an example of a master key", "a.json", '{"master_key":"your-key-here-1"}'],
    ["where a master key is", "a.json", '{"master_key":"/run/secrets/master.key"}'],
    ["words on a master key", "a.json", '{"master_key":"ask the team for it"}'],
    [
      "a marker with nothing behind it",
      "a.json",
      '{"auth":{"token_value":"enc:<a token of yours>"}}',
    ],
    ["an example behind the marker", "a.json", '{"auth":{"token_value":"enc:changeme"}}'],
    ["a token of Proxmox without its user", "a.txt", " @pam!ci=@UUID@"],
    ["a bearer of an example", "a.http", "Authorization: Bearer example-token-1234567890"],
    ["a bearer of words", "a.http", "Authorization: Bearer access-token-of-mine"],
  ])("%s", async (_, path, text) => {
    expect(await found(path, text)).toEqual([]);
  });

  test("tokens of ours", async () => {
    const { python } = await import("../../vectors.ts");
    for (const { token } of python) {
      expect(await found("a.json", `{"auth":{"token_value":"${token}"}}`)).toEqual([]);
      expect(await found("a.md", `token: ${token}`)).toEqual([]);
    }
  });
});

describe("the comment proxmox-mcp: allow", () => {
  const LEAK = 'const apiToken = "@HEX@";';

  test.each<readonly [string, string, number]>([
    ["on the line", `${LEAK} // proxmox-mcp: allow`, 1],
    ["with a reason", `${LEAK} // proxmox-mcp: allow, an example of the vendor`, 1],
    ["alone on the line before", `// proxmox-mcp: allow\n${LEAK}`, 1],
    ["in another style", `  # proxmox-mcp: allow\r\n${LEAK}`, 1],
    ["of HTML", `<!-- proxmox-mcp: allow -->\n${LEAK}`, 1],
    ["lets one line pass", `// proxmox-mcp: allow\n${LEAK}\n${LEAK}`, 1],
    ["behind code, not the next line", `run(); // proxmox-mcp: allow\n${LEAK}`, 0],
    ["two lines before", `// proxmox-mcp: allow\n\n${LEAK}`, 0],
    ["behind it", `${LEAK}\n// proxmox-mcp: allow`, 0],
    ["in other words", `${LEAK} // proxmox-mcp: allowed, proxmox-mcp:allow, allow`, 0],
  ])("%s", async (_, text, expected) => {
    const { leaks, allowed } = await findLeaks(leaky(text), "a.ts");
    const all = text.split(LEAK).length - 1;
    expect({ allowed, left: leaks.length }).toEqual({ allowed: expected, left: all - expected });
  });

  test("holds for fields of a config, too", async () => {
    const text = leaky("auth:\n  # proxmox-mcp: allow\n  token_value: @UUID@\n");
    expect(await findLeaks(text, "a.yaml")).toEqual({ leaks: [], allowed: 1 });
  });
});

describe("any text at all", () => {
  const PATHS = ["a.json", "a.yaml", ".env", "a.ts", "a.md", "a.sh", "a"];
  const piece = fc.oneof(
    fc.constantFrom(
      ...Object.values(VALUES),
      ..."\"'`\\={}[]():,;!@#$%&*<>|/\n\r\t- ",
      "token",
      "password",
      "MASTER_KEY",
      "api_keys",
      "auth",
      "bearer ",
      "enc:",
      "next:",
      "root@pam!a=",
      "proxmox-mcp: allow",
      "-----BEGIN PRIVATE KEY-----",
      "\uFEFF",
      "\ud800",
      "\0",
    ),
    fc.string({ unit: "binary" }),
  );
  const texts = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

  test("gives places that are there, and none of its values", async () => {
    // A word may be a part of a name as well.
    const values = Object.values(VALUES).filter((value) => /\d/.test(value));
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom(...PATHS), async (text, path) => {
        const { leaks } = await findLeaks(text, path);
        const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
        for (const { line, column, name } of leaks) {
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
          // A key of a map may be anything; then it is a pointer that begins with a stroke.
          if (name?.startsWith("/") === true || name?.startsWith("env:") === true) continue;
          for (const value of values) expect(name ?? "").not.toContain(value);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("of bytes that are no text takes no exception", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom(...PATHS), async (bytes, path) => {
        await findLeaks(Buffer.from(bytes).toString("latin1"), path);
      }),
      { numRuns: 2_000 },
    );
  });

  // Quadratic time would take minutes for any of these.
  const LONG = 200_000;
  const KINDS = ["a.json", "a.yaml", "a.ts"];
  test.each<readonly [string, string]>([
    ["names", "token".repeat(LONG / 5)],
    ["names with values", 'token="'.repeat(LONG / 7)],
    ["names and quotes", "secret=`'\"".repeat(LONG / 10)],
    ["names and blanks", `token${" ".repeat(50)}`.repeat(LONG / 55)],
    ["signs", "=".repeat(LONG)],
    ["strokes", "\\".repeat(LONG)],
    ["users", "a@b!".repeat(LONG / 4)],
    ["base64", "aB3/".repeat(LONG / 4)],
    ["short base64", `${"aB3".repeat(14)} `.repeat(LONG / 43)],
    ["keys", leaky("@KEY@ ").repeat(LONG / 45)],
    ["leaks on one line", leaky('token="@HEX@" ').repeat(LONG / 41)],
    ["comments on one line", "proxmox-mcp: allow ".repeat(LONG / 19)],
    ["PEM", "-----BEGIN RSA ".repeat(LONG / 15)],
    ["references", "$A".repeat(LONG / 2)],
    ["a long value", `password="${"$A".repeat(LONG / 2)}"`],
    ["bearers", "bearer ".repeat(LONG / 7)],
    ["UUIDs", leaky("@UUID@ ").repeat(LONG / 37)],
    ["telling words and signs", "token::::::::::::".repeat(LONG / 17)],
  ])("takes linear time: %s", async (_, text) => {
    for (const path of KINDS) await findLeaks(text, path);
  });
});
