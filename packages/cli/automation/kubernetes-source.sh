#!/usr/bin/env bash
# What kubernetes-rotate.sh and kubernetes-retire.sh share: they source it. The Secret and the ConfigMap, which
# the mounts of the pods are made from, as files: "before" has them as they were when the script began.
#
# Takes  PROXMOX_MCP_WORK_DIRECTORY   where the files are: in memory, and gone with the pod
#        those of kubernetes-configs.sh and sinks/kubernetes.sh
# Gives  work, store, key, configs, those of settings.sh and sink.sh, and the functions below.
# Programs on the path: proxmox-mcp-encrypt, kubectl, node.
# shellcheck disable=SC2034 # whoever sources this uses it
work=${PROXMOX_MCP_WORK_DIRECTORY:?names the directory of the key and the configs}
PROXMOX_MCP_KEY_DIRECTORY=$work/before
PROXMOX_MCP_PATHS=$work/before/configs
# shellcheck source=settings.sh
source "${BASH_SOURCE[0]%/*}/settings.sh"
store=${here%/*}/sinks/kubernetes.sh
PROXMOX_MCP_SINK="bash '$store'"
PROXMOX_MCP_SINK_VERIFY="bash '$store' --read"
# shellcheck source=sink.sh
source "$here/sink.sh"
umask 077

# take_key PLACE, take_configs PLACE: what is stored now. From then on that is what is looked at.
take_key() {
  mkdir -p -- "$work/$1"
  key=$work/$1/key
  bash "$store" --read >"$key"
}
take_configs() {
  mkdir -p -- "$work/$1"
  configs=$work/$1/configs
  rm -rf -- "$configs"
  bash "$here/kubernetes-configs.sh" take "$configs"
}

# begin: takes both, and sets phase, and active to the id of the key that seals. What does not open is part of
# no phase: such a key would pass for one that has nothing to do.
begin() {
  rm -rf -- "${work:?}/before" "$work/after"
  take_key before || fail "the key could not be read: nothing was changed" 3
  take_configs before
  tool status status -- "$configs"
  phase=$(answer phase) active=$(answer key-id)
  local unopened
  unopened=$(answer unopened)
  [[ -z $unopened ]] ||
    fail "the Secret does not open the ConfigMap, nothing was changed:"$'\n'"$unopened" 4
}

# sealed_with KEYID: whether every token opens with the active key, and that is this one.
sealed_with() {
  tool look status -- "$configs" && answer sealed-with "$1"
}
