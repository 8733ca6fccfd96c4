#!/usr/bin/env bash
# Runs a program with a directory as its root file system, like a container: /usr and /dev are those of the
# machine, /usr/local and the rest its own. It needs root, and a mount namespace that is thrown away:
#   unshare --mount own-root.sh ROOT NODE rw|ro USER PROGRAM...
# ro: nothing can be written but what is in the directories that OWN_ROOT_WRITABLE lists.
# USER: a number; all but 0 have no capability and gain none.
set -euo pipefail

root=$1 node=$2 mode=$3 user=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root"/{dev,proc,tmp,usr/local/bin}
for name in bin sbin lib lib64 usr/bin usr/sbin usr/lib usr/lib64; do
  if [[ -L /$name ]]; then
    ln -sfn "$(readlink "/$name")" "$root/$name"
  elif [[ -d /$name ]]; then
    mkdir -p "$root/$name"
    mount --bind "/$name" "$root/$name"
    mount -o remount,bind,ro "$root/$name"
  fi
done
touch "$root/usr/local/bin/node"
mount --bind "$node" "$root/usr/local/bin/node"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
# Nothing of it but processes, as ProcSubset=pid has it.
mount -t proc -o subset=pid proc "$root/proc"
for name in ${OWN_ROOT_WRITABLE:-}; do mount --bind "$root$name" "$root$name"; done
unset OWN_ROOT_WRITABLE
if [[ $mode == ro ]]; then mount -o remount,bind,ro "$root"; fi
if ((user == 0)); then exec chroot "$root" "$@"; fi
exec chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs \
  --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"
