#!/usr/bin/env bash
# Puts the key text into the file "key", mode 0600, of a directory of mode 0700, which it makes.
# Source it, so that no process has the key in its environment:  source key.sh
#
# Takes  PROXMOX_MCP_MASTER_KEY        the key text itself, or
#        PROXMOX_MCP_MASTER_KEY_FILE   a file that holds it, as GitLab gives a variable of type "file"
#        those of settings.sh
# Ends with 3, and nothing written, where there is no key: a missing secret is an empty variable in CI.
set -euo pipefail

# Builtins alone until the variable is gone: what they start would see it.
text=${PROXMOX_MCP_MASTER_KEY:-}
unset PROXMOX_MCP_MASTER_KEY
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
if [[ -z $text && -n ${PROXMOX_MCP_MASTER_KEY_FILE:-} ]]; then
  text=$(<"$PROXMOX_MCP_MASTER_KEY_FILE")
fi
# From here on the file is the one source, and no child of ours may take another.
unset PROXMOX_MCP_MASTER_KEY_FILE
[[ $text == *[![:space:]]* ]] ||
  fail "there is no master key: the secret is missing, empty, or not given to this job" 3

umask 077
mkdir -p -- "$directory"
chmod 700 -- "$directory"
printf '%s\n' "$text" >"$key"
unset text
mask
