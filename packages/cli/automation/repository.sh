#!/usr/bin/env bash
# How the other scripts reach the repository: they source it after settings.sh.
#
# Takes  PROXMOX_MCP_REMOTE          a remote or an URL, default origin
#        PROXMOX_MCP_BRANCH_PREFIX   of the branches of rotations, default proxmox-mcp/rotate-
#        those of git-credential.sh
# Gives  remote, prefix, and the function below.
# shellcheck disable=SC2034,SC2154 # whoever sources this uses them; settings.sh gives the others
remote=${PROXMOX_MCP_REMOTE:-origin}
prefix=${PROXMOX_MCP_BRANCH_PREFIX:-proxmox-mcp/rotate-}
for path in "${paths[@]}"; do
  [[ $path != /* ]] || fail "$path: name the configs as they are in the repository, without a leading /" 2
done

# repository ARGUMENTS...: git, which asks git-credential.sh for the token. So that is in no argument and in no
# config, and no other helper of this machine keeps it. No hook runs.
repository() {
  # shellcheck disable=SC2016 # it is for the shell that git starts
  GIT_TERMINAL_PROMPT=0 PROXMOX_MCP_AUTOMATION=$here git -c credential.helper= \
    -c credential.helper='!bash "$PROXMOX_MCP_AUTOMATION/git-credential.sh"' -c core.hooksPath=/dev/null "$@"
}
