#!/usr/bin/env bash
# Takes the key text from standard input, whole, before anything is replaced. Sinks source it:
#   source key-text.sh WHAT
# Gives  text
# Ends with 1 where there is no key, and so WHAT stays as it is.
IFS= read -r -d '' text || true
# A line that does not begin with a comment.
has_key=$'(^|[\r\n])[[:blank:]]*[^#[:space:]]'
if [[ ! $text =~ $has_key ]]; then
  echo "no key text came: the $1 stays as it is" >&2
  exit 1
fi
