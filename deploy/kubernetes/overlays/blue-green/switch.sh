#!/usr/bin/env bash
# Sends the clients to one of the two slots: switch.sh blue|green. To go back, name the other one.
# Nothing is changed unless the slot has pods and all of them are ready.
set -euo pipefail

slot=${1:-}
case $slot in
  blue | green) ;;
  *)
    printf 'usage: switch.sh blue|green\n' >&2
    exit 2
    ;;
esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deployment=deployment/proxmox-mcp-$slot

kubectl rollout status "$deployment" --namespace proxmox-mcp --timeout 5m
# A rollout to no pods at all is a complete one, too.
ready=$(kubectl get "$deployment" --namespace proxmox-mcp --output 'jsonpath={.status.readyReplicas}')
if ((${ready:-0} == 0)); then
  printf '%s has no ready pod: the clients stay where they are\n' "$deployment" >&2
  exit 1
fi
kubectl apply --server-side --kustomize "$here/serve-$slot"
