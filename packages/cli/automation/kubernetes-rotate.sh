#!/usr/bin/env bash
# Rotates the master key of a cluster at its source: takes Secret and ConfigMap by kubectl, gives the
# configs a new key, and stores both. The pods see the change in their mounts; no pod is restarted.
# kubernetes-source.sh says what is read from the environment.
#
# It may be killed at any point, with the machine it runs on. The next run goes on from what is stored,
# and makes no second new key.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/kubernetes-source.sh"

rm -rf "${work:?}/before" "$work/after"
take_key "$work/before"
take_configs "$work/before"
look_at "$work/before/key" "$work/before/configs"
case $phase in
  rotated)
    printf 'All is on key %s already. The old key is still kept: kubernetes-retire.sh drops it.\n' "$active"
    exit
    ;;
  # An earlier run stored its key and not the configs. They catch up with it, and nothing else is stored.
  behind) storing=(--new-key-file "$work/before/key") ;;
esac

proxmox-mcp-encrypt rotate-key-all "$work/before/configs" --key-file "$work/before/key" \
  "${storing[@]}" --yes --json >"$work/report.json"

# What is about to be stored has to open with what is stored.
take_key "$work/after"
look_at "$work/after/key" "$work/before/configs"
[[ $phase == rotated ]] || fail 7 "after the rotation the phase is $phase: the ConfigMap was not changed"
store_configs "$work/before"

take_configs "$work/after"
look_at "$work/after/key" "$work/after/configs"
[[ $phase == rotated ]] || fail 9 "the ConfigMap as it is stored is not on the new key: run this again"
printf 'Secret and ConfigMap are on key %s. When every pod is: kubernetes-retire.sh\n' "$active"
