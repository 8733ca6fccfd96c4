#!/usr/bin/env bash
# check.sh, and its findings in an issue.
#
# Takes  those of check.sh and report-github.sh
# Ends with 0 if what was found could be reported.
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"

status=0
found=$(bash "$here/check.sh") || status=$?
((status == 0 || status == 7)) || exit "$status"
echo "${found:-Nothing needs attention.}"
bash "$here/report-github.sh" <<<"$found"
