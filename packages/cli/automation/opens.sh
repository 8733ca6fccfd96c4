#!/usr/bin/env bash
# opens.sh COMMIT KEYID: whether every token of the configs in a commit opens with the active key of the key
# text, and whether that is the key with this id. Ends with 0 or 1. The checkout stays as it is.
#
# Takes  those of settings.sh and repository.sh
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"

inside=$(git rev-parse --show-prefix)
root=$(git rev-parse --show-toplevel)
tree=$directory/tree
trap 'git -C "$root" worktree remove --force "$tree"' EXIT
# Into a worktree, not by git archive: that leaves out what .gitattributes names.
repository worktree add --quiet --force --detach "$tree" "$1"
cd -- "$tree/$inside"
tool opens status -- "${paths[@]}" || exit 1
answer sealed-with "$2"
