#!/usr/bin/env bash
# Opens a merge request for the branch of a rotation, or finds the one that is open.
#
# Takes  those of gitlab-api.sh
#        PROXMOX_MCP_BRANCH, PROXMOX_MCP_KEY_ID, PROXMOX_MCP_BASE_BRANCH
# Gives  pull_request=URL in PROXMOX_MCP_OUTPUT
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=gitlab-api.sh
source "$here/gitlab-api.sh"
# shellcheck source=proposal.sh
source "$here/proposal.sh"

result=$directory/merge-request.json
gitlab GET merge_requests --get --data state=opened --data-urlencode source_branch="$branch" \
  --data-urlencode target_branch="$base" >"$result"
url=$(answer gitlab-merge-request)
if [[ -z $url ]]; then
  gitlab POST merge_requests --data-urlencode source_branch="$branch" --data-urlencode target_branch="$base" \
    --data-urlencode title="$title" --data-urlencode description="$text" --data remove_source_branch=true >"$result"
  url=$(answer gitlab-merge-request)
fi
echo "$url"
output pull_request "$url"
