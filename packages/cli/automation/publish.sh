#!/usr/bin/env bash
# Commits what rotate.sh rotated, and nothing else, to a branch named by the key, and pushes that.
#
# Takes  those of settings.sh and repository.sh; rotate.json beside the key; HEAD, the base of the branch
#        PROXMOX_MCP_GIT_NAME, PROXMOX_MCP_GIT_EMAIL   who commits
# Gives  branch=..., commit=... in PROXMOX_MCP_OUTPUT; neither where there is nothing to publish
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"

# published COMMIT: for later jobs.
published() {
  output branch "$branch"
  output commit "$1"
}

result=$directory/rotate.json
key_id=$(answer new-key-id)
root=$(git rev-parse --show-toplevel)
answer rotated >"$directory/rotated"
files=()
while IFS= read -r -d '' file; do
  # What was rotated stands behind a link; git would add the link itself.
  files+=("$(realpath --relative-to="$root" -- "$file")")
done <"$directory/rotated"
if ((${#files[@]} == 0)); then
  echo "Nothing to publish."
  exit 0
fi

branch=$prefix$key_id
seen=$(repository ls-remote "$remote" "refs/heads/$branch")
seen=${seen%%[[:space:]]*}
if [[ -n $seen ]]; then
  verdict=$(bash "$here/complete.sh" "$seen" "$key_id" "${files[@]}")
  if [[ $verdict == complete ]]; then
    echo "$branch holds all of it already."
    published "$seen"
    exit 0
  fi
fi

cd -- "$root"
git add -- "${files[@]}"
sorted() { sort --zero-terminated --unique | tr '\0' '\n'; }
[[ $(git diff --cached --name-only -z | sorted) == "$(printf '%s\0' "${files[@]}" | sorted)" ]] ||
  fail "the index holds something else than the rotated files: nothing was committed"
repository -c user.name="${PROXMOX_MCP_GIT_NAME:-proxmox-mcp}" \
  -c user.email="${PROXMOX_MCP_GIT_EMAIL:-proxmox-mcp@users.noreply.github.com}" \
  commit --quiet --no-gpg-sign --message "chore: seal the configs with key $key_id" \
  --message "Proxmox-MCP-Rotation: $key_id"
commit=$(git rev-parse HEAD)
# With a lease on what was seen: what somebody pushes meanwhile stays.
repository push --quiet --force-with-lease="refs/heads/$branch:$seen" "$remote" "$commit:refs/heads/$branch"
echo "Pushed ${#files[@]} files to $branch."
published "$commit"
