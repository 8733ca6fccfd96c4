#!/usr/bin/env bash
# What kubernetes-rotate.sh and kubernetes-retire.sh have in common: the Secret and the ConfigMap, which
# are the source that the pods' mounts are made from, as files in a directory, and the way back.
#
#   PROXMOX_MCP_WORK_DIRECTORY        where the files are: in memory, and gone with the pod
#   PROXMOX_MCP_KUBERNETES_CONFIGMAP  name of the ConfigMap with the configs, default proxmox-config
#
# and what sinks/kubernetes.sh reads. Programs on the path: proxmox-mcp-encrypt, kubectl, node.
# shellcheck disable=SC2034  # who sources this uses the variables

work=${PROXMOX_MCP_WORK_DIRECTORY:?names no directory for the key and the configs}
configmap=${PROXMOX_MCP_KUBERNETES_CONFIGMAP:-proxmox-config}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sink=$here/../sinks/kubernetes.sh
namespace=()
if [[ -n ${PROXMOX_MCP_KUBERNETES_NAMESPACE:-} ]]; then
  namespace=(--namespace "$PROXMOX_MCP_KUBERNETES_NAMESPACE")
fi
storing=(--new-key-sink "bash '$sink'" --sink-verify "bash '$sink' --read")
umask 077

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

# Reads the Secret into DIRECTORY/key.
take_key() {
  mkdir -p "$1"
  bash "$sink" --read >"$1/key" || fail 3 "the key could not be read: nothing was changed"
}

# Reads the ConfigMap into DIRECTORY/object.json, and each of its entries into DIRECTORY/configs.
take_configs() {
  mkdir -p "$1/configs"
  kubectl get configmap "$configmap" ${namespace[@]+"${namespace[@]}"} --output json >"$1/object.json"
  node "$here/kubernetes-entries.mjs" take "$1/object.json" "$1/configs"
}

# Stores DIRECTORY/configs. Refused where the ConfigMap is no longer the one that was taken. All entries
# go back: of those that it owns, an apply removes what it does not name.
store_configs() {
  node "$here/kubernetes-entries.mjs" give "$1/object.json" "$1/configs" |
    kubectl apply ${namespace[@]+"${namespace[@]}"} --server-side --force-conflicts \
      --field-manager proxmox-mcp --filename - >/dev/null
}

# How far a change of keys is, by KEYFILE and the configs in DIRECTORY: sets phase, and active to the id of
# the key that seals.
look_at() {
  proxmox-mcp-encrypt status "$2" --key-file "$1" --json >"$work/status.json"
  phase=$(node "$here/answer.mjs" phase <"$work/status.json")
  active=$(node "$here/answer.mjs" key-id <"$work/status.json")
}
