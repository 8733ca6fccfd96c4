#!/usr/bin/env bash
# Leaves the active key alone in the store, once what is deployed is sealed with it, and no branch of the
# repository needs another.
#
# Takes  those of settings.sh, fresh.sh and sink.sh
#        PROXMOX_MCP_CONFIRM   true: somebody, or confirm-github.sh, knows that the configs are deployed
#        PROXMOX_MCP_ACTION    retire: not confirmed is a failure; otherwise it is a line and 0
# Ends with 7, and nothing changed, if an old key is needed still.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
# shellcheck source=sink.sh
source "$here/sink.sh"

if [[ ${PROXMOX_MCP_CONFIRM:-} != true ]]; then
  message="no old key is retired: it is not confirmed that the rotated configs are deployed"
  [[ ${PROXMOX_MCP_ACTION:-} != retire ]] || fail "$message" 7
  echo "$message"
  exit 0
fi

bash "$here/fresh.sh"
result=$directory/status.json
phase=$(answer phase)
case $phase in
  rotated) ;;
  settled)
    echo "No old key is kept: nothing to retire."
    exit 0
    ;;
  *) fail "nothing can be retired: the configs are '$phase'" 7 ;;
esac

# Branches of rotations go. They are not asked, where they hold nothing but commits of rotations.
ids=$(answer key-ids)
head=$(git rev-parse HEAD)
heads=$(repository ls-remote --heads "$remote")
done_with=() needing=()
while read -r commit ref; do
  [[ -n $ref && $commit != "$head" ]] || continue
  branch=${ref#refs/heads/}
  repository fetch --quiet "$remote" "$commit"
  if [[ $branch == "$prefix"* && " $ids " == *" ${branch#"$prefix"} "* ]]; then
    others=$(foreign "$commit")
    if [[ -z $others ]]; then
      done_with+=("$commit $branch")
      continue
    fi
    echo "warning: $branch stays: it holds commits that are not ours and not merged, ${others//$'\n'/, }" >&2
  fi
  status=0
  bash "$here/needs-old-key.sh" "$commit" || status=$?
  ((status == 1)) || needing+=("$branch")
done <<<"$heads"
((${#needing[@]} == 0)) ||
  fail "no old key is retired: branches may need it: ${needing[*]}. Bring them up to date, or delete them" 7

# All of the checkout: others than the named configs may be sealed with an old key.
root=$(git rev-parse --show-toplevel)
status=0
tool retire retire-key --dry-run "${sink[@]}" -- "$root" || status=$?
if ((status != 0)); then
  found=$(answer obstacles)
  fail "no old key is retired: ${found//$'\n'/, }" "$status"
fi

# Only now, when it is known that the key can go; and not after it: a run that is cut there would leave a branch
# whose key is gone, and fresh.sh would stop the next rotation.
for branch in "${done_with[@]}"; do
  ref=refs/heads/${branch#* }
  repository push --quiet --force-with-lease="$ref:${branch%% *}" "$remote" ":$ref" ||
    echo "warning: delete the branch ${branch#* } by hand" >&2
done
tool retire retire-key --yes "${sink[@]}" -- "$root"
echo "Key $(answer active-key-id) stands alone in the store."
