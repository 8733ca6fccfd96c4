#!/usr/bin/env bash
# Opens the published configs with the stored key text. To be run in a job of its own: only that one is given
# what the store holds now.
#
# Takes  those of settings.sh; the checkout is that of the commit
#        PROXMOX_MCP_KEY_ID    the key that they were sealed with
#        PROXMOX_MCP_KEY_IDS   all keys that were stored, separated by commas
# Ends with 4 if a token does not open with that key, or the store has lost one of them.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

tool verify status -- "${paths[@]}"
answer sealed-with "${PROXMOX_MCP_KEY_ID:?names the key}" ||
  fail "the published configs do not open with the active key of the store: nothing is proposed" 4
ids=$(answer key-ids)
wanted=${PROXMOX_MCP_KEY_IDS:?names the keys}
for id in ${wanted//,/ }; do
  [[ " $ids " == *" $id "* ]] ||
    fail "the store has lost the key $id, which the configs of other commits need: nothing is proposed" 4
done
echo "Every token opens with the stored key $PROXMOX_MCP_KEY_ID."
