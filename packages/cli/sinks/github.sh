#!/usr/bin/env bash
# Stores the key text as a secret of GitHub Actions: proxmox-mcp-encrypt ... --new-key-sink sinks/github.sh
#
# Takes  the key text on standard input
#        GITHUB_REPOSITORY                  owner/name
#        GH_TOKEN                           may write it: Secrets, or Environments for one of an environment.
#                                           The token of the job itself cannot
#        PROXMOX_MCP_GITHUB_SECRET          its name, default PROXMOX_MCP_MASTER_KEY
#        PROXMOX_MCP_GITHUB_ENVIRONMENT     the environment that it is a secret of. Take one: GitHub reads the
#                                           secrets of a repository when a run is queued, and those of an
#                                           environment when the job starts. A run that waited for another one
#                                           would work from an old text
# GitHub gives no secret back: only a later job can open something with it.
set -euo pipefail

# shellcheck source=key-text.sh
source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" secret
where=()
[[ -z ${PROXMOX_MCP_GITHUB_ENVIRONMENT:-} ]] || where=(--env "$PROXMOX_MCP_GITHUB_ENVIRONMENT")
# gh reads the value from standard input if no --body is given.
printf '%s' "$text" | gh secret set "${PROXMOX_MCP_GITHUB_SECRET:-PROXMOX_MCP_MASTER_KEY}" \
  --repo "${GITHUB_REPOSITORY:?names the repository}" "${where[@]}"
