#!/usr/bin/env bash
# Says whether the rotated configs are deployed: by the deployments of an environment, or by somebody's word.
#
# Takes  those of environment.sh, deployed.sh and gitlab-api.sh
# Gives  confirmed=true|false in PROXMOX_MCP_OUTPUT
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=gitlab-api.sh
source "$here/gitlab-api.sh"
# shellcheck source=environment.sh
source "$here/environment.sh"

result=$directory/deployments.json
gitlab GET deployments --get --data-urlencode environment="$environment" --data order_by=updated_at \
  --data sort=desc --data per_page=100 >"$result"
commits=$(answer gitlab-deployments)
# shellcheck disable=SC2086 # a list of hashes
exec bash "$here/deployed.sh" "$environment" $commits
