#!/usr/bin/env bash
# Pushes what `version:all` wrote as a branch, and opens a pull request for it or finds the open one.
#
# Takes  GH_TOKEN, GITHUB_REPOSITORY   a token that may push, open pull requests and start workflows
#        VERSION                       the version of the packages now
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

branch=release/next
git add --update
git add -- packages/*/CHANGELOG.md
author=(-c user.name='github-actions[bot]' -c user.email='41898282+github-actions[bot]@users.noreply.github.com')
git "${author[@]}" commit --quiet --message "chore: version $VERSION"
# The branch is ours alone, and always starts from the newest main.
git -c credential.helper= -c credential.helper='!gh auth git-credential' \
  push --quiet --force "https://github.com/$GITHUB_REPOSITORY" "HEAD:refs/heads/$branch"

between=(--repo "$GITHUB_REPOSITORY" --head "$branch" --base main)
title="Version $VERSION"
url=$(gh pr list "${between[@]}" --state open --json url --jq '.[].url')
if [[ -n $url ]]; then
  gh pr edit "$url" --title "$title"
else
  url=$(gh pr create "${between[@]}" --title "$title" --body "Merging this publishes version $VERSION.")
fi
echo "$url"
# What the token of a workflow pushes starts no other workflow, unless it is asked to.
gh workflow run ci.yml --repo "$GITHUB_REPOSITORY" --ref "$branch"
