#!/usr/bin/env bash
# opens.sh COMMIT KEYID: whether every token of the configs in a commit opens with the active key of the key
# text, and whether that is the key with this id. Ends with 0 or 1.
#
# What else is in the commit does not count: a rotation does not touch it. needs-old-key.sh looks at all of it.
#
# Takes  those of settings.sh and repository.sh
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
# shellcheck source=worktree.sh
source "$here/worktree.sh"

show "$1"
cd -- "$tree/$inside"
tool opens status -- "${paths[@]}" || exit 1
answer sealed-with "$2"
