#!/usr/bin/env bash
# Rotates the master key of a cluster at its source: takes Secret and ConfigMap by kubectl, gives the configs a
# new key, and stores both. The pods see the change in their mounts; no pod is restarted.
#
# Takes  those of kubernetes-source.sh
# It may be killed at any point, with the machine it runs on. The next run goes on from what is stored, and
# makes no second new key. Ends with 7 if nothing is rotated because an old key was never retired, or if what
# is stored does not open the rotated configs; with 9 if it has to be run again.
# shellcheck source=kubernetes-source.sh
source "${BASH_SOURCE[0]%/*}/kubernetes-source.sh"

begin
case $phase in
  rotated)
    # Else a schedule would go on for years without another rotation, and nobody would hear of it.
    [[ -z $(answer unfinished 30) ]] ||
      fail "nothing was rotated: all is on key $active for more than 30 days, and the old key is still kept. Look why kubernetes-retire.sh did not drop it" 7
    echo "All is on key $active already. The old key is still kept: kubernetes-retire.sh drops it."
    exit 0
    ;;
  # An earlier run stored its key and not the configs. They catch up with it, and nothing else is stored.
  behind) sink=(--new-key-file "$key") ;;
esac

tool rotate rotate-key-all --yes "${sink[@]}" -- "$configs"
if [[ $(answer outcome) == nothing ]]; then
  echo "The configs hold nothing to rotate."
  exit 0
fi
new=$(answer new-key-id)

{ take_key after && sealed_with "$new"; } ||
  fail "what is stored does not open the rotated configs: the ConfigMap was not changed" 7
bash "$here/kubernetes-configs.sh" store "$configs" >/dev/null

{ take_configs after && sealed_with "$new"; } ||
  fail "the ConfigMap as it is stored is not on the new key: run this again" 9
echo "Secret and ConfigMap are on key $new. When every pod is: kubernetes-retire.sh"
