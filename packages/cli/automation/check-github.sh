#!/usr/bin/env bash
# check.sh, and its findings in an issue: one for the subject. What is found goes into the open issue with this
# title, or into a new one. Where nothing is, the matter is settled, and an open issue is closed.
#
# Takes  those of check.sh
#        GH_TOKEN, GITHUB_REPOSITORY   a token that may write issues
#        PROXMOX_MCP_TITLE             the title; it is what the next run finds the issue by
# Ends with 0 if what was found could be reported.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
repo=${GITHUB_REPOSITORY:?names the repository}
export PROXMOX_MCP_TITLE="${PROXMOX_MCP_TITLE:?names the issue}"

# shellcheck source=found.sh
source "$here/found.sh"

number=$(gh issue list --repo "$repo" --state open --limit 500 --json number,title \
  --jq '[.[] | select(.title == env.PROXMOX_MCP_TITLE) | .number] | min // empty')
if [[ -z $found ]]; then
  [[ -z $number ]] || gh issue close "$number" --repo "$repo" --comment "Settled."
elif [[ -n $number ]]; then
  gh issue comment "$number" --repo "$repo" --body-file - <<<"$found"
else
  gh issue create --repo "$repo" --title "$PROXMOX_MCP_TITLE" --body-file - <<<"$found"
fi
