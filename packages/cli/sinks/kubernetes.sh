#!/usr/bin/env bash
# Sink: keeps the key text in an entry of a Kubernetes Secret. With --read it prints what is stored.
#
#   PROXMOX_MCP_KUBERNETES_SECRET     name of the Secret, default proxmox-master-key
#   PROXMOX_MCP_KUBERNETES_ENTRY      its entry, default key
#   PROXMOX_MCP_KUBERNETES_NAMESPACE  default: that of kubectl's context, in a pod that of the pod
#
# Needs get and patch on this Secret, and create where it does not exist yet. Other entries of the
# Secret stay as they are. A text that lacks a key which is stored is refused, unless it is retired:
# so two runs at once cannot lose each other's key.
set -euo pipefail

secret=${PROXMOX_MCP_KUBERNETES_SECRET:-proxmox-master-key}
entry=${PROXMOX_MCP_KUBERNETES_ENTRY:-key}
namespace=()
if [[ -n ${PROXMOX_MCP_KUBERNETES_NAMESPACE:-} ]]; then
  namespace=(--namespace "$PROXMOX_MCP_KUBERNETES_NAMESPACE")
fi

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# The keys of a text, a line each and in one spelling; the one that waits keeps its "next:".
keys_of() {
  local words word
  while read -r -a words || ((${#words[@]} > 0)); do
    for word in ${words[@]+"${words[@]}"}; do
      [[ $word != '#'* ]] || break
      word=${word//+/-} word=${word//\//_}
      printf '%s\n' "${word%%=*}"
    done
  done
}

# shellcheck source=key-text.sh
[[ ${1:-} == --read ]] || source "$(dirname "${BASH_SOURCE[0]}")/key-text.sh" Secret

# The Secret's version and, behind a blank, the entry in base64. Nothing where there is no Secret.
template="{{.metadata.resourceVersion}}{{with .data}}{{with index . \"$entry\"}} {{.}}{{end}}{{end}}"
found=$(kubectl get secret "$secret" ${namespace[@]+"${namespace[@]}"} --ignore-not-found \
  --output "go-template=$template")
version=${found%% *}
stored=${found#"$version"} stored=${stored# }

if [[ ${1:-} == --read ]]; then
  [[ -n $stored ]] || fail "the Secret $secret has no entry $entry"
  printf '%s' "$stored" | base64 --decode
  exit
fi

# printf is a builtin: no program gets the text as an argument.
encoded=$(printf '%s' "$text" | base64 | tr -d '\n')
given=$(printf '%s' "$text" | keys_of)
kept=$(printf '%s' "$stored" | base64 --decode | keys_of)
active=${kept%%$'\n'*}
for key in $kept; do
  if [[ ${PROXMOX_MCP_SINK_PHASE:-} == retire && $key != "$active" && $key != next:* ]]; then continue; fi
  case $'\n'${given//next:/}$'\n' in
    *$'\n'"${key#next:}"$'\n'*) ;;
    *) fail "the Secret $secret holds a key that this text lacks: start again from what is stored" ;;
  esac
done

# Refused by the API server where somebody else changed the Secret since it was looked at. That is why
# taking the entry from whoever made it, kubectl create for instance, does no harm.
condition=
if [[ -n $version ]]; then condition=",\"resourceVersion\":\"$version\""; fi
printf '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"%s"%s},"data":{"%s":"%s"}}\n' \
  "$secret" "$condition" "$entry" "$encoded" |
  kubectl apply ${namespace[@]+"${namespace[@]}"} --server-side --force-conflicts \
    --field-manager proxmox-mcp --filename - >/dev/null
