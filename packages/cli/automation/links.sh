#!/usr/bin/env bash
# Refuses links below the directories that lead to configs elsewhere: a rotation does not follow links, and so
# would leave out what they lead to.
#
# Takes  those of settings.sh
# Ends with 5 if there are some.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

found=$directory/links
places=()
for path in "${paths[@]}"; do
  places+=("$(realpath -- "$path")")
done
find -H "${paths[@]}" \( -name node_modules -o -name .git \) -prune -o -type l -print0 >"$found"
outside=()
while IFS= read -r -d '' link; do
  target=$(realpath --canonicalize-existing --quiet -- "$link") || continue
  for place in "${places[@]}"; do
    [[ $target/ != "$place"/* ]] || continue 2
  done
  if [[ -d $target ]]; then
    outside+=("$link")
    continue
  fi
  for name in "${link##*/}" "${target##*/}"; do
    case $name in
      *.json | *.yaml | *.yml | *.env | .env*)
        outside+=("$link")
        break
        ;;
    esac
  done
done <"$found"
((${#outside[@]} == 0)) ||
  fail "links lead out of the named paths, and a rotation would leave out what is there: ${outside[*]}. Name what they lead to, too" 5
