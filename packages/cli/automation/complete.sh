#!/usr/bin/env bash
# complete.sh COMMIT KEYID FILE...: says "complete" of a published commit that can stay as it is, since it fits
# onto HEAD, and its configs are on this key; or else "incomplete". FILEs are relative to the root.
#
# Takes  those of settings.sh and repository.sh
# Ends with 8 if the commit is incomplete and not ours to replace.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
commit=$1 key_id=$2
shift 2

repository fetch --quiet "$remote" "$commit"
base=$(git merge-base HEAD "$commit") || base=
root=$(git rev-parse --show-toplevel)
# A config that has changed since is sealed anew; so is one that came after.
if [[ -n $base ]] && git -C "$root" diff --quiet "$base" HEAD -- "$@" && bash "$here/opens.sh" "$commit" "$key_id"; then
  echo complete
  exit 0
fi
foreign=$(git log --format=%h --invert-grep --grep="^Proxmox-MCP-Rotation: $key_id\$" "HEAD..$commit")
[[ -z $foreign ]] ||
  fail "the branch of key $key_id is not complete, and holds commits that are not ours: ${foreign//$'\n'/, }. Merge it, or delete it" 8
echo incomplete
