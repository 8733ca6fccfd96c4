#!/usr/bin/env bash
# Says whether the rotated configs are deployed: by the deployments of an environment, or by somebody's word.
#
# Takes  those of environment.sh and deployed.sh
#        GH_TOKEN, GITHUB_REPOSITORY          a token that may read deployments and contents
#        PROXMOX_MCP_GITHUB_ENVIRONMENT       that of the key, which must be another one: each of our own jobs
#                                             counts as a successful deployment of it
# Gives  confirmed=true|false in PROXMOX_MCP_OUTPUT
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
# shellcheck source=environment.sh
source "$here/environment.sh"

key_environment=${PROXMOX_MCP_GITHUB_ENVIRONMENT:-}
# GitHub takes both for the same in any case.
if [[ ${environment,,} == "${key_environment,,}" ]]; then
  fail "$environment is the environment of the key: name the one that is deployed to" 2
fi

# shellcheck disable=SC2016 # the variables are GraphQL's
query='query($owner: String!, $name: String!, $environment: String!) { repository(owner: $owner, name: $name) {
  deployments(first: 100, environments: [$environment], orderBy: {field: CREATED_AT, direction: DESC}) {
    nodes { commitOid latestStatus { state createdAt } } } } }'
repo=${GITHUB_REPOSITORY:?names the repository}
result=$directory/deployments.json
# --raw-field: a value is a text, and never the name of a file.
gh api graphql --raw-field owner="${repo%/*}" --raw-field name="${repo#*/}" \
  --raw-field environment="$environment" --raw-field query="$query" >"$result"
commits=$(answer github-deployments)
# shellcheck disable=SC2086 # a list of hashes
exec bash "$here/deployed.sh" "$environment" $commits
