#!/usr/bin/env bash
# How the other scripts ask GitLab: they source it.
#
# Takes  CI_API_V4_URL, CI_PROJECT_ID     of GitLab CI
#        PROXMOX_MCP_GITLAB_TOKEN_FILE    a file that holds a token, such as a variable of type File gives: one of
#                                         the project, with the role Maintainer and the scopes api and
#                                         write_repository

# gitlab METHOD PATH ARGUMENTS...: curl, for what belongs to the project. The token comes through a pipe, and
# so is in no argument, no environment and no further file.
gitlab() {
  local method=$1 path=$2 token
  shift 2
  # Here, since what fails within <( ) ends nothing.
  token=$(<"${PROXMOX_MCP_GITLAB_TOKEN_FILE:?holds the token}")
  curl --silent --show-error --fail --max-time 50 --globoff --request "$method" \
    --header @<(printf 'PRIVATE-TOKEN: %s\n' "$token") \
    "$@" "${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/$path"
}
