#!/usr/bin/env bash
# What a pull or merge request of a rotation says: propose-github.sh and propose-gitlab.sh source it.
#
# Takes  PROXMOX_MCP_BRANCH, PROXMOX_MCP_KEY_ID, PROXMOX_MCP_BASE_BRANCH
# Gives  branch, base, title, text
# shellcheck disable=SC2034 # whoever sources this uses them
branch=${PROXMOX_MCP_BRANCH:?names the branch}
base=${PROXMOX_MCP_BASE_BRANCH:?names the branch to merge into}
key_id=${PROXMOX_MCP_KEY_ID:?names the key}
title="Seal the configs with key $key_id"
text="The configs are sealed with the new master key \`$key_id\`; nothing else is changed. The store holds that key
and the ones before it. Every token was opened with what the store gives back.

Merge this and deploy. Once the deployment is confirmed, a later run retires the old key."
