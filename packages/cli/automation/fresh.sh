#!/usr/bin/env bash
# Refuses a key text that is older than the store: storing it again would drop the key of a rotation that is
# published already. A job may be given a text that was read before the job in front of it ended.
#
# Takes  those of settings.sh and repository.sh
#        PROXMOX_MCP_SINK_VERIFY   prints what is stored; optional
# Gives  the answer of status, in status.json beside the key
# Ends with 3 if so.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"

tool status status -- "${paths[@]}"
ids=$(answer key-ids)
branches=$(repository ls-remote "$remote" "refs/heads/$prefix*")
while read -r _ ref; do
  branch=${ref#refs/heads/}
  [[ -z $ref || " $ids " == *" ${branch#"$prefix"} "* ]] ||
    fail "this run was not given the key that $branch is sealed with: its key text may be older than the store. Run it again. If that branch is done with, delete it" 3
done <<<"$branches"

[[ -n ${PROXMOX_MCP_SINK_VERIFY:-} ]] || exit 0
# Split into words with quotes, as the CLI does it.
verify=$(xargs printf '%s\n' <<<"$PROXMOX_MCP_SINK_VERIFY")
mapfile -t verify <<<"$verify"
stored=$("${verify[@]}")
# Word by word: a store may change the white space. set -f: no word is a pattern.
read -r -d '' -a ours <"$key" || true
# shellcheck disable=SC2206
theirs=($stored)
[[ ${ours[*]} == "${theirs[*]}" ]] ||
  fail "the store holds another key text than this run was given: run it again" 3
