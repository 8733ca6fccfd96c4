#!/usr/bin/env bash
# Leaves the active key alone in the store, once what is deployed is sealed with it.
#
# Takes  those of settings.sh, fresh.sh and sink.sh
#        PROXMOX_MCP_CONFIRMED   true: somebody, or confirm-github.sh, knows that the configs are deployed
#        PROXMOX_MCP_REQUIRED    true: not confirmed is a failure; otherwise it is a line and 0
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
# shellcheck source=sink.sh
source "$here/sink.sh"

if [[ ${PROXMOX_MCP_CONFIRMED:-} != true ]]; then
  message="no old key is retired: it is not confirmed that the rotated configs are deployed"
  [[ ${PROXMOX_MCP_REQUIRED:-} != true ]] || fail "$message" 7
  echo "$message"
  exit 0
fi

bash "$here/fresh.sh"
tool status status -- "${paths[@]}"
phase=$(answer phase)
case $phase in
  rotated) ;;
  settled)
    echo "No old key is kept: nothing to retire."
    exit 0
    ;;
  *) fail "nothing can be retired: the configs are '$phase'" 7 ;;
esac

# Their work is merged. A branch whose key is gone would stop the next rotation: fresh.sh does not know it.
for id in $(answer key-ids); do
  branch=refs/heads/$prefix$id
  seen=$(repository ls-remote "$remote" "$branch")
  [[ -z $seen ]] ||
    repository push --quiet --force-with-lease="$branch:${seen%%[[:space:]]*}" "$remote" ":$branch" ||
    echo "warning: delete the branch $prefix$id by hand" >&2
done

directories=()
for path in "${paths[@]}"; do
  [[ -d $path ]] || path=$(dirname -- "$path")
  directories+=("$path")
done
tool retire retire-key --yes "${sink[@]}" -- "${directories[@]}"
echo "Key $(answer active-key-id) stands alone in the store."
