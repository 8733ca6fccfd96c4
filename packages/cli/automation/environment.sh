#!/usr/bin/env bash
# The environment that is asked whether the rotated configs are deployed: confirm-github.sh and
# confirm-gitlab.sh source it after settings.sh. Where there is nothing to ask, it gives the answer and ends.
#
# Takes  PROXMOX_MCP_DEPLOYMENT_ENVIRONMENT   the environment; empty: nothing can confirm it
#        PROXMOX_MCP_CONFIRM                  true: somebody said so; nobody is asked
# Gives  environment; or confirmed=true|false in PROXMOX_MCP_OUTPUT
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
