#!/usr/bin/env bash
# Stores the key text in a CI/CD variable of a GitLab project. With --read it prints what is stored:
#   --new-key-sink sinks/gitlab.sh --sink-verify 'sinks/gitlab.sh --read'
#
# Takes  the key text on standard input
#        PROXMOX_MCP_GITLAB_VARIABLE   its name, default PROXMOX_MCP_MASTER_KEY_FILE
#        PROXMOX_MCP_GITLAB_SCOPE      its environment scope, default *
#        those of automation/gitlab-api.sh
# Make the variable once, of type File, protected, not masked and not hidden. GitLab masks nothing but one line
# without blanks, and while a rotation is under way the key text has several lines; what is hidden cannot be read
# back. A variable of type File gives a job the path of a file, so the text is in no environment, and a job has
# to print that file to put it into a log.
set -euo pipefail
# shellcheck source=../automation/gitlab-api.sh
source "${BASH_SOURCE[0]%/*}/../automation/gitlab-api.sh"
variable=variables/${PROXMOX_MCP_GITLAB_VARIABLE:-PROXMOX_MCP_MASTER_KEY_FILE}
scope="filter[environment_scope]=${PROXMOX_MCP_GITLAB_SCOPE:-*}"

if [[ ${1:-} == --read ]]; then
  gitlab GET "$variable" --get --data-urlencode "$scope" |
    node "${BASH_SOURCE[0]%/*}/../automation/answer.mjs" gitlab-value
  exit
fi
# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" variable
# The answer repeats the value: nobody may see it.
printf '%s' "$text" |
  gitlab PUT "$variable" --form 'value=<-' --form variable_type=file --form "$scope" --output /dev/null
