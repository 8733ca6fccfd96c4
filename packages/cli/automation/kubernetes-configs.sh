#!/usr/bin/env bash
# The configs of a cluster as files, and back:
#   kubernetes-configs.sh take DIRECTORY    makes it, with a file for each entry of the ConfigMap
#   kubernetes-configs.sh store DIRECTORY   stores these entries again. Refused where somebody else has changed
#                                           the ConfigMap since: as it was, it is in DIRECTORY.json
#
# Takes  PROXMOX_MCP_KUBERNETES_CONFIGMAP   its name, default proxmox-config
#        PROXMOX_MCP_KUBERNETES_NAMESPACE   default: that of kubectl's context, in a pod that of the pod
# Programs on the path: kubectl, node.
set -euo pipefail

if (($# != 2)) || [[ $1 != take && $1 != store ]]; then
  echo "usage: kubernetes-configs.sh take|store DIRECTORY" >&2
  exit 2
fi
directory=${2%/}
entries=${BASH_SOURCE[0]%.sh}
entries=${entries%-configs}-entries.mjs
namespace=()
[[ -z ${PROXMOX_MCP_KUBERNETES_NAMESPACE:-} ]] || namespace=(--namespace "$PROXMOX_MCP_KUBERNETES_NAMESPACE")

if [[ $1 == take ]]; then
  umask 077
  mkdir -- "$directory"
  kubectl get configmap "${PROXMOX_MCP_KUBERNETES_CONFIGMAP:-proxmox-config}" ${namespace[@]+"${namespace[@]}"} \
    --output json >"$directory.json"
  node "$entries" take "$directory.json" "$directory"
else
  # All entries go back: of those that it owns, an apply removes what it does not name.
  node "$entries" give "$directory.json" "$directory" |
    kubectl apply ${namespace[@]+"${namespace[@]}"} --server-side --force-conflicts \
      --field-manager proxmox-mcp --filename -
fi
