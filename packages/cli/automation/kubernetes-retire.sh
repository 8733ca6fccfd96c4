#!/usr/bin/env bash
# Drops the old keys from the Secret, once every pod is seen to need them no longer.
#
# Takes  those of kubernetes-source.sh
#        PROXMOX_MCP_KUBERNETES_SELECTOR    labels of the pods that use the key
#        PROXMOX_MCP_KUBERNETES_READY_URL   where such a pod says what it runs with, with ADDRESS for its own;
#                                           default http://ADDRESS:8080/readyz
#        PROXMOX_MCP_CONFIRM                true: somebody has looked; the pods are not asked
# Anything short of a clear answer from every pod is a refusal, exit status 7: nothing is changed. Ends with 9
# if it has to be run again.
# shellcheck source=kubernetes-source.sh
source "${BASH_SOURCE[0]%/*}/kubernetes-source.sh"
selector=${PROXMOX_MCP_KUBERNETES_SELECTOR:-app.kubernetes.io/name=proxmox-mcp,app.kubernetes.io/component=server}
ready_url=${PROXMOX_MCP_KUBERNETES_READY_URL:-http://ADDRESS:8080/readyz}

# runs_on ADDRESS KEYID: whether the pod seals with this key, and opened every secret of its config with that
# alone. Where it has TLS, no certificate is for its address; nothing secret is asked or told.
runs_on() {
  local address=$1 alone
  [[ $address != *:* ]] || address="[$address]"
  alone=$(curl --silent --fail --max-time 10 --insecure --globoff "${ready_url//ADDRESS/$address}" |
    node "$here/answer.mjs" runs-on) && [[ $alone == "$2" ]]
}

confirm_pods() {
  local pods name address count=0 namespace=()
  [[ -z ${PROXMOX_MCP_KUBERNETES_NAMESPACE:-} ]] || namespace=(--namespace "$PROXMOX_MCP_KUBERNETES_NAMESPACE")
  pods=$(kubectl get pods ${namespace[@]+"${namespace[@]}"} --selector "$selector" \
    --field-selector status.phase!=Succeeded,status.phase!=Failed --output \
    'go-template={{range .items}}{{.metadata.name}} {{with .status.podIP}}{{.}}{{end}}{{"\n"}}{{end}}')
  while read -r name address; do
    [[ -n $name ]] || continue
    [[ -n $address ]] || fail "the pod $name has no address yet: the old key is kept" 7
    runs_on "$address" "$1" 2>/dev/null ||
      fail "the pod $name does not say that it runs on key $1 alone: the old key is kept" 7
    count=$((count + 1))
  done <<<"$pods"
  ((count > 0)) || fail "there is no pod that could be asked: the old key is kept" 7
}

begin
case $phase in
  settled)
    echo "There is no old key beside $active: nothing to retire."
    exit 0
    ;;
  rotated) ;;
  *) fail "the phase is $phase: rotate first, with kubernetes-rotate.sh" 7 ;;
esac
if [[ ${PROXMOX_MCP_CONFIRM:-} != true ]]; then
  confirm_pods "$active"
  # That took a while, and somebody may have put an old config back.
  take_configs before
  sealed_with "$active" || fail "the ConfigMap needs another key by now: the old key is kept" 7
fi

# The tool drops the old key from its key file as well.
cp -- "$key" "$work/before/stored"
status=0
tool retire retire-key --yes "${sink[@]}" -- "$configs" || status=$?

# The same once more: an old config may have come until a moment ago. The old key may be in this file alone by
# now, in memory, and no later run could put it back. Also where the tool failed: it may have stored first.
if ! { take_key after && take_configs after && sealed_with "$active"; }; then
  bash "$store" <"$work/before/stored" ||
    fail "it is not known whether the ConfigMap needs the old key, and that could not be stored again. Store the key text that you put away, with sinks/kubernetes.sh" 9
  fail "it is not known whether the ConfigMap needs the old key: so the old key was stored again. Run kubernetes-rotate.sh, and then this" 9
fi
((status == 0)) || exit "$status"
[[ $(answer phase) == settled ]] || fail "the Secret as it is stored is not settled: run this again" 9
echo "Key $active stands alone in the Secret."
