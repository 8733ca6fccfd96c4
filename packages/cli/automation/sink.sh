#!/usr/bin/env bash
# Where the key text is stored: rotate.sh and retire.sh source it after settings.sh.
#
# Takes  PROXMOX_MCP_SINK          the command that stores the key text; on GitHub by default sinks/github.sh
#        PROXMOX_MCP_SINK_VERIFY   one that prints what is stored, where the store allows that; optional
# Gives  sink, the flags for the CLI.
# shellcheck disable=SC2154 # settings.sh gives it
[[ ${GITHUB_ACTIONS:-} != true ]] || : "${PROXMOX_MCP_SINK:="bash '${here%/*}/sinks/github.sh'"}"
# shellcheck disable=SC2034 # whoever sources this uses it
sink=(--new-key-sink "${PROXMOX_MCP_SINK:?names the command that stores the key text}")
[[ -z ${PROXMOX_MCP_SINK_VERIFY:-} ]] || sink+=(--sink-verify "$PROXMOX_MCP_SINK_VERIFY")
