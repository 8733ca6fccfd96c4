#!/usr/bin/env bash
# Stores the key text in pass, the password store of Unix. With --read it prints what is stored:
#   --new-key-sink 'bash sinks/pass.sh' --sink-verify 'bash sinks/pass.sh --read'
#
# Takes  the key text on standard input
#        PROXMOX_MCP_PASS_ENTRY   its entry, default proxmox-mcp/master-key
#        PASSWORD_STORE_DIR, GNUPGHOME and whatever else pass and gpg themselves take
# Reading it back needs the secret key of gpg, unlocked: a sink has no terminal to ask for a passphrase. A store
# under git keeps older texts in its history, and with them keys that were retired.
set -euo pipefail

entry=${PROXMOX_MCP_PASS_ENTRY:-proxmox-mcp/master-key}

if [[ ${1:-} == --read ]]; then exec pass show "$entry"; fi
# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" entry
# gpg writes into the very file that it replaces, and whoever ends it leaves half of one: so beside it first.
printf '%s' "$text" | pass insert --multiline --force "$entry.new" >/dev/null
pass mv --force "$entry.new" "$entry" >/dev/null
