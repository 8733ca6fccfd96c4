#!/usr/bin/env bash
# How the other scripts reach the repository: they source it after settings.sh.
#
# Takes  PROXMOX_MCP_REMOTE   a remote or an URL, default origin
#        those of git-credential.sh
# Gives  remote, prefix, and the function below.
# shellcheck disable=SC2034,SC2154 # whoever sources this uses them; settings.sh gives the others
remote=${PROXMOX_MCP_REMOTE:-origin}
# Of the branches of rotations; the id of the key follows.
prefix=proxmox-mcp/rotate-
# A file may be called ":x.json".
export GIT_LITERAL_PATHSPECS=1
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

# foreign COMMIT: its commits that HEAD lacks and that no rotation made. A merge makes nothing of its own that
# complete.sh would not see.
foreign() {
  git log --format=%h --no-merges --invert-grep --grep="^Proxmox-MCP-Rotation: " "HEAD..$1"
}
