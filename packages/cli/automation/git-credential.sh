#!/usr/bin/env bash
# Called by git as a credential helper: answers "get" with the token that may read and push.
#
# Takes  PROXMOX_MCP_GIT_TOKEN_FILE   a file that holds it, or
#        GH_TOKEN                     the token
set -euo pipefail
[[ ${1:-} == get ]] || exit 0
token=${GH_TOKEN:-}
[[ -z ${PROXMOX_MCP_GIT_TOKEN_FILE:-} ]] || token=$(<"$PROXMOX_MCP_GIT_TOKEN_FILE")
[[ -z $token ]] || printf 'username=x-access-token\npassword=%s\n' "$token"
