#!/usr/bin/env bash
# Keeps one issue for one subject: what comes on standard input goes into the open issue with this title, or
# into a new one. Where nothing comes, the matter is settled, and an open issue is closed.
#
# Takes  GH_TOKEN, GITHUB_REPOSITORY   a token that may write issues
#        PROXMOX_MCP_TITLE             the title; it is what the next run finds the issue by
set -euo pipefail
repo=${GITHUB_REPOSITORY:?names the repository}
export PROXMOX_MCP_TITLE="${PROXMOX_MCP_TITLE:?names the issue}"

text=$(cat)
number=$(gh issue list --repo "$repo" --state open --limit 500 --json number,title \
  --jq '[.[] | select(.title == env.PROXMOX_MCP_TITLE) | .number] | min // empty')
if [[ -z $text ]]; then
  [[ -z $number ]] || gh issue close "$number" --repo "$repo" --comment "Settled."
elif [[ -n $number ]]; then
  gh issue comment "$number" --repo "$repo" --body-file - <<<"$text"
else
  gh issue create --repo "$repo" --title "$PROXMOX_MCP_TITLE" --body-file - <<<"$text"
fi
