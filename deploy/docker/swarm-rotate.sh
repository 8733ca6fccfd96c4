#!/usr/bin/env bash
# Deploys the stack with the key text and the config in two files, and ends with 0 once Swarm runs it so:
#   PROXMOX_MCP_IMAGE=IMAGE swarm-rotate.sh KEY_FILE CONFIG_FILE [STACK]
# Run it for the first deployment, and after each of prepare-key, rotate-key and retire-key. Swarm never
# changes a secret or a config, so each text gets one of its own, with a part of its digest as its name.
# The same files give the same names: a run that was cut off is run again. Nothing is removed; the last
# lines say what could be. Needs Docker 26 on a manager, and proxmox-mcp-encrypt.
set -euo pipefail

if (($# < 2)); then
  echo "usage: swarm-rotate.sh KEY_FILE CONFIG_FILE [STACK]" >&2
  exit 2
fi
key=$1 config=$2 stack=${3:-proxmox}
here=$(dirname "${BASH_SOURCE[0]}")

# Tasks that cannot open their config would only be rolled back.
proxmox-mcp-encrypt status --check --key-file "$key" "$config" >&2

# Twelve digits of the digest of random bytes tell nothing about them.
name_of() { printf '%s-%s' "$1" "$(sha256sum <"$2" | cut -c1-12)"; }
secret=$(name_of proxmox-mcp-master-key "$key")
settings=$(name_of proxmox-mcp-config "$config")

# On standard input, since arguments can be seen by everybody.
docker secret inspect "$secret" >/dev/null 2>&1 || docker secret create "$secret" - <"$key" >/dev/null
docker config inspect "$settings" >/dev/null 2>&1 || docker config create "$settings" - <"$config" >/dev/null
PROXMOX_MCP_STACK_SECRET=$secret PROXMOX_MCP_STACK_CONFIG=$settings \
  docker stack deploy --detach=false --with-registry-auth --compose-file "$here/stack.yaml" "$stack"

# A deployment that was rolled back has its old names again, which may be these: its state tells, and so does
# that of one that hangs. Each deployment begins without a state.
runs=$(docker service inspect "${stack}_proxmox-mcp" --format \
  '{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}} {{end}}{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.ConfigName}} {{end}}{{with .UpdateStatus}}{{.State}}{{end}}')
case $runs in
  "$secret $settings " | "$secret $settings completed") ;;
  *)
    echo "error: ${stack}_proxmox-mcp does not run with $secret and $settings, but: $runs" >&2
    echo "Look with: docker service ps --no-trunc ${stack}_proxmox-mcp" >&2
    exit 1
    ;;
esac
echo "${stack}_proxmox-mcp runs with $secret and $settings."

# Whether a copy of an old key text is needed somewhere is not known here.
docker secret ls --filter name=proxmox-mcp-master-key- --format 'docker secret rm {{.Name}}' |
  grep -vxF "docker secret rm $secret" || true
docker config ls --filter name=proxmox-mcp-config- --format 'docker config rm {{.Name}}' |
  grep -vxF "docker config rm $settings" || true
