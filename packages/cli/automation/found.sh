#!/usr/bin/env bash
# What check.sh finds, for an issue: check-github.sh and check-gitlab.sh source it after settings.sh.
#
# Takes  those of check.sh
# Gives  found: a line for each finding, empty where nothing needs attention
# Ends with the status of check.sh if that could not look.
# shellcheck disable=SC2154 # settings.sh gives here
status=0
found=$(bash "$here/check.sh") || status=$?
((status == 0 || status == 7)) || exit "$status"
echo "${found:-Nothing needs attention.}"
