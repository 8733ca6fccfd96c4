#!/usr/bin/env bash
# Opens a pull request for the branch of a rotation, or finds the one that is open.
#
# Takes  GH_TOKEN, GITHUB_REPOSITORY   a token that may write pull requests
#        PROXMOX_MCP_BRANCH, PROXMOX_MCP_KEY_ID, PROXMOX_MCP_BASE_BRANCH
# Gives  pull_request=URL in PROXMOX_MCP_OUTPUT
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=proposal.sh
source "$here/proposal.sh"

# A branch of the same name in a fork is not ours.
between=(--repo "${GITHUB_REPOSITORY:?names the repository}" --head "$branch" --base "$base")
url=$(gh pr list "${between[@]}" --state open --json url,isCrossRepository \
  --jq '.[] | select(.isCrossRepository | not) | .url')
if [[ -z $url ]]; then
  url=$(gh pr create "${between[@]}" --title "$title" --body-file - <<<"$text")
fi
echo "$url"
output pull_request "$url"
