#!/usr/bin/env bash
# Stores the key text as a credential of systemd, encrypted for this machine alone. With --read it prints what is
# stored:
#   --new-key-sink 'bash sinks/systemd-creds.sh' --sink-verify 'bash sinks/systemd-creds.sh --read'
#
# Takes  the key text on standard input
#        PROXMOX_MCP_CREDENTIAL_FILE   the file, default /etc/credstore.encrypted/proxmox-mcp-master-key
#        PROXMOX_MCP_CREDENTIAL_KEY    what it is encrypted with: auto (default), host, tpm2, host+tpm2
# Runs as root. LoadCredentialEncrypted=proxmox-mcp-master-key hands it to a unit when that starts: restart the
# unit after each step of a rotation. No other machine can read it, so keep a copy of the key elsewhere.
set -euo pipefail

# A credential is bound to its name, which is the one that the server looks for.
name=proxmox-mcp-master-key
file=${PROXMOX_MCP_CREDENTIAL_FILE:-/etc/credstore.encrypted/$name}
key=${PROXMOX_MCP_CREDENTIAL_KEY:-auto}

if [[ ${1:-} == --read ]]; then exec systemd-creds decrypt --name="$name" "$file" -; fi
# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" credential
[[ $file == */* ]] || file=./$file
directory=${file%/*}
# Mode 0600 from the first instant. It takes the name when it is whole, on the disk, and opens.
temporary=$(mktemp "${directory:-/}/.$name.XXXXXXXX")
trap 'rm -f -- "$temporary"' EXIT
printf '%s' "$text" | systemd-creds encrypt --name="$name" --with-key="$key" - - >"$temporary"
opened=$(systemd-creds decrypt --name="$name" "$temporary" -)
# Without line ends at the end, as $() gives it.
if [[ $opened != "$(printf '%s' "$text")" ]]; then
  echo "the new credential does not open: the old one stays" >&2
  exit 1
fi
sync -- "$temporary"
mv --force --no-target-directory -- "$temporary" "$file"
sync -- "${directory:-/}"
