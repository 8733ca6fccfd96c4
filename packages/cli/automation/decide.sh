#!/usr/bin/env bash
# Says what this run is to do, from the phase of the configs and the key text, never from notes.
#
# Takes  those of settings.sh
#        PROXMOX_MCP_ACTION   auto: begin a rotation, go on with one, or retire (default)
#                             continue: as auto, but begin none; rotate; retire
# Gives  step=rotate|retire|none in PROXMOX_MCP_OUTPUT
# Ends with 4 if a token does not open: then no phase says what to do.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

tool status status -- "${paths[@]}"
unopened=$(answer unopened)
[[ -z $unopened ]] ||
  fail "tokens do not open with the key text of the store, so nothing is done: ${unopened//$'\n'/, }" 4
phase=$(answer phase)
action=${PROXMOX_MCP_ACTION:-auto}
case $action:$phase in
  auto:settled | rotate:*) step=rotate ;;
  auto:rotated | continue:rotated | retire:rotated) step=retire ;;
  continue:settled | retire:settled) step=none ;;
  auto:* | continue:*) step=rotate ;;
  retire:*) fail "nothing can be retired yet: the configs are '$phase'; rotate and merge first" 7 ;;
  *) fail "no such action: $action; take auto, continue, rotate or retire" 2 ;;
esac
echo "The configs are '$phase': $action means $step."
output step "$step"
