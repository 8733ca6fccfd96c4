#!/usr/bin/env bash
# Stores the key text in a field of a 1Password item. With --read it prints what is stored:
#   --new-key-sink 'bash sinks/1password.sh' --sink-verify 'bash sinks/1password.sh --read'
#
# Takes  the key text on standard input
#        PROXMOX_MCP_OP_VAULT   the vault, by its name or id
#        PROXMOX_MCP_OP_ITEM    the item in it, by its name or id
#        PROXMOX_MCP_OP_FIELD   the field in that, default password
#        OP_SERVICE_ACCOUNT_TOKEN and whatever else op itself takes
# Make the item once, of the category Password and for the key alone: op gives an edited item back as a whole,
# and drops what it cannot express, such as passkeys. Needs node. 1Password keeps older texts in the history of
# the item, and with them keys that were retired.
set -euo pipefail

vault=${PROXMOX_MCP_OP_VAULT:?names the vault}
item=${PROXMOX_MCP_OP_ITEM:?names the item}
field=${PROXMOX_MCP_OP_FIELD:-password}

if [[ ${1:-} == --read ]]; then exec op read "op://$vault/$item/$field"; fi
# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" item

# Reads the key text, a zero byte and the item; writes the item with the key text in its field. A field of
# 1Password is one line: blanks part keys as well as line ends do, and a comment would swallow what follows.
put_text='
const fail = (why) => { console.error(why); process.exit(1); };
const [text, item] = require("node:fs").readFileSync(0, "utf8").split("\0");
const parse = (text) => {
  // What is thrown is printed together with the text, and that holds the key.
  try { return JSON.parse(text); } catch { fail("the item is no JSON, or not all of it"); }
};
const whole = parse(item);
const fields = [whole?.fields ?? []].flat();
const isField = (one) => [one?.id, one?.label].includes(process.argv[1]);
if (fields.filter(isField).length !== 1) fail("the item has not exactly one such field");
if (fields.some((one) => ["CONCEALED", "OTP"].includes(one?.type) && !isField(one)))
  fail("the item has other fields for secrets, which op could lose: take an item of its own");
if (fields.find(isField).type !== "CONCEALED") fail("the field is none for a password");
const lines = text.split(/[\r\n]/).map((line) => line.replace(/(^|\s)#.*/, ""));
const value = lines.join(" ").trim().split(/\s+/).join(" ");
const edited = fields.map((one) => (isField(one) ? { ...one, value } : one));
process.stdout.write(JSON.stringify({ ...whole, fields: edited }));'

# op takes a value in an argument, or an item on standard input, and there from a pipe alone.
edited=$({
  printf '%s\0' "$text"
  op item get "$item" --vault "$vault" --format json </dev/null
} | node -e "$put_text" -- "$field")
printf '%s' "$edited" | op item edit "$item" --vault "$vault" >/dev/null
