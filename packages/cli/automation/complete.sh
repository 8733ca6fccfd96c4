#!/usr/bin/env bash
# complete.sh COMMIT KEYID FILE...: says "complete" of a published commit that can stay as it is, since it fits
# onto HEAD, and its configs are on this key; or else "incomplete". FILEs are relative to the root.
#
# Takes  those of settings.sh and repository.sh
# Ends with 8 if the commit is not ours to keep or to replace: somebody else's, or more than sealed values is
# changed in it.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=repository.sh
source "$here/repository.sh"
commit=$1 key_id=$2
shift 2

# refuse WHY
refuse() {
  fail "the branch of key $key_id $1. Look at it, then merge or delete it" 8
}

# blanked COMMIT FILE: the file without its sealed values, and its mode.
blanked() {
  git ls-tree "$1" -- "$2" | cut -d ' ' -f 1,2
  git show "$1:$2" | sed -E 's/enc:[A-Za-z0-9+/=_:-]*/enc:/g'
}

repository fetch --quiet "$remote" "$commit"
others=$(foreign "$commit")
[[ -z $others ]] || refuse "holds commits that are not ours: ${others//$'\n'/, }"
root=$(git rev-parse --show-toplevel)
cd -- "$root"
base=$(git merge-base HEAD "$commit") || base=
if [[ -n $base ]]; then
  # The line that says that a commit is ours can be written by anybody.
  git diff --no-renames --name-only -z "$base" "$commit" >"$directory/changed"
  while IFS= read -r -d '' file; do
    known=false
    for name in "$@"; do [[ $name != "$file" ]] || known=true; done
    # What is gone from HEAD since is no longer among the FILEs.
    [[ $known == true ]] || ! git cat-file -e "HEAD:$file" 2>/dev/null || refuse "changes $file, which is no config of a rotation"
    before=$(blanked "$base" "$file") || refuse "changes more than sealed values: $file"
    after=$(blanked "$commit" "$file") || refuse "changes more than sealed values: $file"
    [[ $before == "$after" ]] || refuse "changes more than sealed values: $file"
  done <"$directory/changed"
  cd -- "$OLDPWD"
  # A config that has changed since is sealed anew; so is one that came after.
  if git -C "$root" diff --quiet "$base" HEAD -- "$@" && bash "$here/opens.sh" "$commit" "$key_id"; then
    echo complete
    exit 0
  fi
fi
echo incomplete
