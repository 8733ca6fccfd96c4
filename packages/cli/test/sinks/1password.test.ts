/** sinks/1password.sh, with an op that keeps an item as 1Password does. */
import { describe, expect, test } from "vitest";
import { KEY, OTHER_KEY } from "../material.ts";
import { keyless } from "../rotation/deployment.ts";
import { rotateWith, runSink, type SinkScript } from "./store.ts";
import { refusesFaults, storesNothing } from "./store-faults.ts";
import { stubProgram } from "./stub.ts";

// op reads an item from a pipe and from nothing else, and replaces the whole item with it.
const OP = `
value() { node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).fields.find(({ id }) => id === "password").value'; }
case "$1 $2" in
  "item get")
    [[ ! -p /dev/stdin ]] || { echo "invalid JSON in piped input" >&2; exit 1; }
    cat "$STUB/item" ;;
  "item edit")
    [[ -p /dev/stdin ]] || { echo "no item came by a pipe" >&2; exit 1; }
    [[ $fault != fails ]] || { echo "session expired" >&2; exit 1; }
    cat >"$STUB/got"
    value <"$STUB/got" >/dev/null
    [[ $fault != cuts ]] || sed 's/ next:[^"]*//' "$STUB/got" >"$STUB/item"
    [[ -n $fault ]] || cp "$STUB/got" "$STUB/item"
    cat "$STUB/got" ;;
  read*) value <"$STUB/item" ;;
esac
`;
const PASSWORD = { id: "password", type: "CONCEALED", purpose: "PASSWORD", label: "password" };
const NOTES = { id: "notesPlain", type: "STRING", purpose: "NOTES", label: "notesPlain" };
const ITEM = {
  id: "example00item",
  title: "proxmox-mcp",
  category: "PASSWORD",
  fields: [
    { ...PASSWORD, value: "to be replaced" },
    { ...NOTES, value: "of the cluster in the cellar" },
  ],
};

function place(item: object = ITEM, more: Readonly<Record<string, string>> = {}) {
  const cli = keyless();
  const stub = stubProgram(cli, "op", OP);
  stub.write("item", JSON.stringify(item));
  const names = { PROXMOX_MCP_OP_VAULT: "Servers", PROXMOX_MCP_OP_ITEM: "proxmox-mcp" };
  const sink: SinkScript = { name: "1password", env: { ...stub.env, ...names, ...more } };
  return { cli, stub, sink };
}

describe("the sink for 1Password", () => {
  test("takes a key through a whole rotation, and nobody sees it", async () => {
    const { cli, stub, sink } = place();
    const fresh = await rotateWith(cli, sink);
    stub.expectUnseen([KEY, fresh]);
  });

  test("changes the one field, and stores the text in one line", () => {
    const { cli, stub, sink } = place();
    const outcome = runSink(cli, sink, `${KEY}\nnext:${OTHER_KEY}\n`);
    expect(outcome).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const [password, notes] = ITEM.fields;
    expect(JSON.parse(stub.read("item"))).toEqual({
      ...ITEM,
      fields: [{ ...password, value: `${KEY} next:${OTHER_KEY}` }, notes],
    });
    runSink(cli, sink, "", ["--read"]);
    expect(stub.read("calls").split("\n")).toEqual([
      "item get proxmox-mcp --vault Servers --format json",
      "item edit proxmox-mcp --vault Servers",
      "read op://Servers/proxmox-mcp/password",
      "",
    ]);
  });

  test("lets no comment swallow the keys behind it", () => {
    const { cli, stub, sink } = place();
    const text = `# first\n${OTHER_KEY} # new\r\n  # old:\n${KEY}#no\n`;
    expect(runSink(cli, sink, text)).toMatchObject({ status: 0, stderr: "" });
    const { fields } = JSON.parse(stub.read("item"));
    expect(fields[0].value).toBe(`${OTHER_KEY} ${KEY}#no`);
  });

  test.each([
    ["has not the field", { PROXMOX_MCP_OP_FIELD: "key" }, ITEM, "has not exactly one such field"],
    [
      "shows the field to everybody",
      { PROXMOX_MCP_OP_FIELD: "notesPlain" },
      { ...ITEM, fields: [NOTES] },
      "is none for a password",
    ],
    [
      "has other secrets",
      {},
      {
        ...ITEM,
        fields: [...ITEM.fields, { id: "pin", type: "CONCEALED", label: "PIN", value: "0000" }],
      },
      "has other fields for secrets",
    ],
  ])("leaves an item alone that %s", (_, env, item, message) => {
    const { cli, stub, sink } = place(item, env);
    const { status, stderr } = runSink(cli, sink, `${KEY}\n`);
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
    expect(JSON.parse(stub.read("item"))).toEqual(item);
    expect(stub.read("calls")).not.toContain("item edit");
  });

  test("edits nothing where the item cannot be read", () => {
    const { cli, stub, sink } = place();
    stub.write("item", `{"fields": [{"id":"password","value":"${OTHER_KEY.slice(0, 30)}`);
    expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "the item is no JSON, or not all of it\n",
    });
    expect(stub.read("calls")).not.toContain("item edit");
  });

  test.each(["null", "5", '{"fields":null}', '{"fields":{}}', '{"fields":[null]}'])(
    "edits nothing where the item is %s",
    (item) => {
      const { cli, stub, sink } = place();
      stub.write("item", item);
      expect(runSink(cli, sink, `${KEY}\n`)).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "the item has not exactly one such field\n",
      });
      expect(stub.read("calls")).not.toContain("item edit");
    },
  );

  test("stores nothing where no key came", () => {
    const { cli, stub, sink } = place();
    storesNothing(cli, sink, stub);
  });

  test("is not believed where it fails, lies or cuts", async () => {
    const { cli, stub, sink } = place();
    await refusesFaults(cli, sink, stub);
  });
});
