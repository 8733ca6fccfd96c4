#!/usr/bin/env bash
# Shows another commit beside the checkout, which stays as it is. Sourced after repository.sh.
# shellcheck disable=SC2034,SC2154 # whoever sources this uses them; settings.sh gives the others

# show COMMIT: gives "tree", the root of its files, and "inside", where in it the work directory would be. They
# go with this process.
show() {
  inside=$(git rev-parse --show-prefix)
  root=$(git rev-parse --show-toplevel)
  tree=$directory/tree
  trap 'git -C "$root" worktree remove --force "$tree"' EXIT
  # Into a worktree, not by git archive: that leaves out what .gitattributes names.
  repository worktree add --quiet --force --detach "$tree" "$1"
}
