#!/usr/bin/env bash
# What check.sh finds, for an issue: check-github.sh and check-gitlab.sh source it after settings.sh. The log gets
# all of it.
#
# Takes  those of check.sh
# Gives  found: a line for each finding, up to a hundred; empty where nothing needs attention
# Ends with the status of check.sh if that could not look.
# shellcheck disable=SC2154 # settings.sh gives here
status=0
found=$(bash "$here/check.sh") || status=$?
((status == 0 || status == 7)) || exit "$status"
echo "${found:-Nothing needs attention.}"
# GitHub takes 65 536 characters for an issue.
mapfile -t lines <<<"$found"
if ((${#lines[@]} > 100)); then
  found=$(printf '%s\n' "${lines[@]:0:100}" "- and $((${#lines[@]} - 100)) more, which the log names")
fi
