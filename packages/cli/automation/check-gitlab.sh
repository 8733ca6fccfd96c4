#!/usr/bin/env bash
# check.sh, and its findings in an issue of the project: one for the subject, as check-github.sh has it.
#
# Takes  those of check.sh and gitlab-api.sh
#        PROXMOX_MCP_TITLE   the title; it is what the next run finds the issue by
# Ends with 0 if what was found could be reported.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=gitlab-api.sh
source "$here/gitlab-api.sh"
title=${PROXMOX_MCP_TITLE:?names the issue}
# shellcheck source=found.sh
source "$here/found.sh"

result=$directory/issues.json
gitlab GET issues --get --data state=opened --data in=title --data-urlencode search="$title" \
  --data per_page=100 >"$result"
number=$(answer gitlab-issue "$title")
# A text may be longer than an argument.
if [[ -n $found && -n $number ]]; then
  gitlab POST "issues/$number/notes" --data-urlencode body@- --output /dev/null <<<"$found"
elif [[ -n $found ]]; then
  gitlab POST issues --data-urlencode title="$title" --data-urlencode description@- --output /dev/null \
    <<<"$found"
elif [[ -n $number ]]; then
  gitlab POST "issues/$number/notes" --data body=Settled. --output /dev/null
  gitlab PUT "issues/$number" --data state_event=close --output /dev/null
fi
