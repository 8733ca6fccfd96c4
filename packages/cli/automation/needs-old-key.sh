#!/usr/bin/env bash
# needs-old-key.sh COMMIT: whether anything in a commit, whatever its name and wherever its links lead, may need
# a key other than the active one, by the rules of retire-key. Says what. Ends with 0 if so, else with 1; with
# another status where that could not be found out.
#
# Takes  those of settings.sh and repository.sh
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
# shellcheck source=worktree.sh
source "$here/worktree.sh"

show "$1"
cd -- "$tree"
status=0
tool needs retire-key --dry-run -- . || status=$?
((status == 0 || status == 7)) || exit 2
found=$(answer obstacles) || exit 2
[[ -n $found ]] || exit 1
printf '%s\n' "$found"
