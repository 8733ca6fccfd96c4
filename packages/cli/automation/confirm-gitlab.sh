#!/usr/bin/env bash
# Says whether the rotated configs are deployed: by the deployments of an environment, or by somebody's word.
#
# Takes  those of deployed.sh and gitlab-api.sh
#        PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT   the environment; empty: nothing can confirm it
#        PROXMOX_MCP_CONFIRM                  true: somebody said so; nobody is asked
# Gives  confirmed=true|false in PROXMOX_MCP_OUTPUT
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=gitlab-api.sh
source "$here/gitlab-api.sh"

environment=${PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT:-}
if [[ ${PROXMOX_MCP_CONFIRM:-} == true ]]; then
  echo "Whoever started this run says that the configs are deployed."
  output confirmed true
  exit 0
elif [[ -z $environment ]]; then
  echo "No environment is named whose deployments could confirm it."
  output confirmed false
  exit 0
fi

result=$directory/deployments.json
gitlab GET deployments --get --data-urlencode environment="$environment" --data order_by=updated_at \
  --data sort=desc --data per_page=100 >"$result"
commits=$(answer gitlab-deployments)
# shellcheck disable=SC2086 # a list of hashes
exec bash "$here/deployed.sh" "$environment" $commits
