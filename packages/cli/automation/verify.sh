#!/usr/bin/env bash
# Opens the published configs with the stored key text. To be run in a job of its own: only that one is given
# what the store holds now.
#
# Takes  those of settings.sh; the checkout is that of the commit
#        PROXMOX_MCP_KEY_ID   the key that they were sealed with
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

tool verify status -- "${paths[@]}"
answer sealed-with "${PROXMOX_MCP_KEY_ID:?names the key}" ||
  fail "the published configs do not open with the active key of the store: nothing is proposed" 4
echo "Every token opens with the stored key $PROXMOX_MCP_KEY_ID."
