#!/usr/bin/env bash
# Stores the key text in HashiCorp Vault, in a field of a KV secret. With --read it prints what is stored:
#   --new-key-sink 'bash sinks/vault.sh' --sink-verify 'bash sinks/vault.sh --read'
#
# Takes  the key text on standard input
#        PROXMOX_MCP_VAULT_PATH    the secret, behind its mount: secret/proxmox-mcp
#        PROXMOX_MCP_VAULT_FIELD   its field, default key
#        VAULT_ADDR, VAULT_TOKEN and whatever else vault itself takes
# The token needs create, update and read. The secret must hold nothing else: vault kv put replaces all of its
# fields. Version 2 of KV keeps older texts, and with them keys that were retired: vault kv metadata put
# -max-versions, or vault kv destroy.
set -euo pipefail

path=${PROXMOX_MCP_VAULT_PATH:?names the secret, such as secret/proxmox-mcp}
field=${PROXMOX_MCP_VAULT_FIELD:-key}

if [[ ${1:-} == --read ]]; then
  # Without a format a VAULT_FORMAT of json would put it in quotes.
  exec vault kv get -format=table -field="$field" "$path"
fi
# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" secret
printf '%s' "$text" | vault kv put "$path" "$field=-" >/dev/null
