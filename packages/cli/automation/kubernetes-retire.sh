#!/usr/bin/env bash
# Drops the old keys from the Secret, once every pod is seen to need them no longer. kubernetes-source.sh
# says what is read from the environment, and besides:
#
#   PROXMOX_MCP_KUBERNETES_SELECTOR   labels of the pods that use the key
#   PROXMOX_MCP_KUBERNETES_READY_URL  where such a pod says what it runs with, with ADDRESS for its own;
#                                     default http://ADDRESS:8080/readyz
#   PROXMOX_MCP_CONFIRMED             true: do not ask the pods, somebody has looked
#
# Anything short of a clear answer from every pod is a refusal, exit status 7: nothing is changed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/kubernetes-source.sh"
selector=${PROXMOX_MCP_KUBERNETES_SELECTOR:-app.kubernetes.io/name=proxmox-mcp,app.kubernetes.io/component=server}
ready_url=${PROXMOX_MCP_KUBERNETES_READY_URL:-http://ADDRESS:8080/readyz}

# Whether the pod at ADDRESS seals with KEYID, and opened every secret of its config with that alone. Where
# it has TLS, no certificate is for its address; nothing secret is asked or told.
runs_on() {
  local address=$1
  if [[ $address == *:* ]]; then address="[$address]"; fi
  curl --silent --fail --max-time 10 --insecure --globoff "${ready_url//ADDRESS/$address}" |
    node --eval 'const { active, opened_with } = JSON.parse(require("node:fs").readFileSync(0)).keys;
      const ids = new Set([active, ...opened_with]);
      process.exit(opened_with.length > 0 && ids.size === 1 && ids.has(process.argv[1]) ? 0 : 1);' "$2"
}

confirm_pods() {
  local pods name address count=0
  pods=$(kubectl get pods ${namespace[@]+"${namespace[@]}"} --selector "$selector" \
    --field-selector status.phase!=Succeeded,status.phase!=Failed --output \
    'go-template={{range .items}}{{.metadata.name}} {{with .status.podIP}}{{.}}{{end}}{{"\n"}}{{end}}')
  while read -r name address; do
    if [[ -z $name ]]; then continue; fi
    [[ -n $address ]] || fail 7 "the pod $name has no address yet: the old key is kept"
    runs_on "$address" "$1" 2>/dev/null ||
      fail 7 "the pod $name does not say that it runs on key $1 alone: the old key is kept"
    count=$((count + 1))
  done < <(printf '%s\n' "$pods")
  ((count > 0)) || fail 7 "there is no pod that could be asked: the old key is kept"
}

rm -rf "${work:?}/before" "$work/after"
take_key "$work/before"
take_configs "$work/before"
look_at "$work/before/key" "$work/before/configs"
case $phase in
  settled)
    printf 'There is no old key beside %s: nothing to retire.\n' "$active"
    exit
    ;;
  rotated) ;;
  *) fail 7 "the phase is $phase: rotate first, with kubernetes-rotate.sh" ;;
esac
if [[ ${PROXMOX_MCP_CONFIRMED:-} != true ]]; then confirm_pods "$active"; fi

proxmox-mcp-encrypt retire-key "$work/before/configs" --key-file "$work/before/key" \
  "${storing[@]}" --yes --json >"$work/report.json"

take_key "$work/after"
look_at "$work/after/key" "$work/before/configs"
[[ $phase == settled ]] || fail 9 "the Secret as it is stored is not settled: run this again"
printf 'Key %s stands alone in the Secret.\n' "$active"
