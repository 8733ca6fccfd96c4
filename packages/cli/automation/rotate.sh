#!/usr/bin/env bash
# Makes or finds the next key, stores it, and seals every config of the checkout with it. Publishes nothing.
#
# Takes  those of settings.sh, fresh.sh and sink.sh
# Gives  rotate.json beside the key; key_id=..., and key_ids=..., those of the whole text, in PROXMOX_MCP_OUTPUT
# After every cut the next run, with the key text of the store, ends on the same key.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=sink.sh
source "$here/sink.sh"

command=rotate-key
[[ ! -d ${paths[0]} ]] || command=rotate-key-all

bash "$here/links.sh"
bash "$here/fresh.sh"
result=$directory/status.json
phase=$(answer phase)
# An earlier run made the active key, and its files are not merged yet. They catch up with that key, also those
# that did so in part; the store holds it already.
[[ $phase != behind ]] || sink=(--new-key-file "$key")

# What cannot be rotated is found before a key is made for it.
tool rotate "$command" --dry-run "${sink[@]}" -- "${paths[@]}"
if [[ $(answer outcome) == nothing ]]; then
  echo "The configs hold nothing to rotate."
  exit 0
fi
# Also of a key that is made by a run that fails then.
trap mask EXIT
if [[ $phase == settled || $phase == rotated ]]; then
  tool prepare prepare-key "${sink[@]}"
  mask
fi
# Another run may have stored its key meanwhile.
bash "$here/fresh.sh"
tool rotate "$command" --yes "${sink[@]}" -- "${paths[@]}"
key_id=$(answer new-key-id)
tool status status -- "${paths[@]}"
key_ids=$(answer key-ids)
output key_id "$key_id"
output key_ids "${key_ids// /,}"
echo "The configs of this checkout are on key $key_id."
