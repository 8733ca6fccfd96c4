#!/usr/bin/env bash
# deployed.sh ENVIRONMENT [COMMIT...]: whether the configs of HEAD are deployed, where these commits may be at
# work in that environment: each must be in the history of HEAD, all tokens of its configs open with the active
# key, and nothing else in it need an old one.
# Called by confirm-github.sh and confirm-gitlab.sh.
#
# Takes  those of settings.sh and repository.sh
# Gives  confirmed=true|false in PROXMOX_MCP_OUTPUT, and a line that says why
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
environment=$1
shift

# verdict true|false LINE
verdict() {
  echo "$2"
  output confirmed "$1"
  exit 0
}

(($# > 0)) || verdict false "$environment has no successful deployment."
tool status status -- "${paths[@]}"
key_id=$(answer key-id)
for commit in "$@"; do
  git cat-file -e "$commit^{commit}" 2>/dev/null || repository fetch --quiet "$remote" "$commit"
  git merge-base --is-ancestor "$commit" HEAD ||
    verdict false "$environment has, or is getting, $commit, which is not in the history of this branch."
  bash "$here/opens.sh" "$commit" "$key_id" ||
    verdict false "$environment has, or is getting, $commit, whose configs need an old key."
  status=0
  bash "$here/needs-old-key.sh" "$commit" || status=$?
  ((status == 1)) || verdict false "$environment has, or is getting, $commit, which may need an old key."
done
verdict true "$environment has the configs that are sealed with key $key_id."
