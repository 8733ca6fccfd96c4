#!/usr/bin/env bash
# Looks for what needs attention: tokens that are too old, do not open, secrets in plain text, or a change of
# keys that is not ended and sealed nothing for 30 days. Prints one line each, as Markdown: codes, files and
# fields, never a value.
#
# Takes  those of settings.sh
#        PROXMOX_MCP_MAX_AGE   so old may a token be, for example 120d
# Ends with 0, or 7 if there is something.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

status=0
tool check status --check --max-age "${PROXMOX_MCP_MAX_AGE:-120d}" -- "${paths[@]}" || status=$?
((status == 0 || status == 7)) || exit "$status"
answer findings
unfinished=$(answer unfinished 30)
if [[ -n $unfinished ]]; then
  echo "$unfinished"
  status=7
fi
exit "$status"
