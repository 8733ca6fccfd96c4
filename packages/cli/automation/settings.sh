#!/usr/bin/env bash
# What the other scripts share: they source it. It starts no process.
# Every script is called by "bash SCRIPT": a package may lose the mode of its files.
#
# Takes  PROXMOX_MCP_PATHS           config files, or directories, separated by white space; not both kinds
#        PROXMOX_MCP_KEY_DIRECTORY   a directory of mode 0700 outside of the repository: the key text is in
#                                    its file "key", and reports of the CLI stand beside it.
#                                    On GitHub: $RUNNER_TEMP/proxmox-mcp-key
#        PROXMOX_MCP_OUTPUT          a file that gets lines NAME=VALUE for later jobs; default GITHUB_OUTPUT
# Gives  paths, directory, key, here, and the functions below.
set -euo pipefail
set -f # no path is a pattern

here=$(builtin cd -- "${BASH_SOURCE[0]%/*}" && pwd)
directory=${PROXMOX_MCP_KEY_DIRECTORY:-${RUNNER_TEMP:+$RUNNER_TEMP/proxmox-mcp-key}}
key=${directory:?PROXMOX_MCP_KEY_DIRECTORY names the directory of the key text}/key
# Keys that wait on this machine are none of this run's business, and its own go with the directory.
export XDG_STATE_HOME=$directory/state
# shellcheck disable=SC2034 # whoever sources this uses it. read takes all, up to the end, and says 1 there
read -r -d '' -a paths <<<"${PROXMOX_MCP_PATHS:?names the configs}" || true

# fail MESSAGE [STATUS]: one clear line, and the end.
fail() {
  printf 'error: %s\n' "$1" >&2
  output error "$1"
  exit "${2:-1}"
}

# output NAME VALUE: for later jobs. Ids, names and codes; never a key.
output() {
  local file=${PROXMOX_MCP_OUTPUT:-${GITHUB_OUTPUT:-}}
  [[ -z $file ]] || printf '%s=%s\n' "$1" "${2//[$'\r\n']/ }" >>"$file"
}

# mask: GitHub puts *** wherever a word of the key text is about to be printed from now on. It must be told
# of each key by itself: a mask of several lines never matches. Call it only where standard output is the log.
mask() {
  [[ ${GITHUB_ACTIONS:-} == true && -r $key ]] || return 0
  local words word
  while read -r -a words || ((${#words[@]} > 0)); do
    for word in "${words[@]}"; do
      [[ $word != '#'* ]] || break
      printf '::add-mask::%s\n' "${word#next:}"
    done
  done <"$key"
}

# tool NAME COMMAND...: runs the CLI with the key file. Its JSON goes to $directory/NAME.json, for answer.
tool() {
  local status=0
  result=$directory/$1.json
  shift
  proxmox-mcp-encrypt --key-file "$key" --json "$@" >"$result" || status=$?
  if ((status != 0)); then
    [[ -s $result ]] || printf 'error: proxmox-mcp-encrypt ended with %s, and said nothing\n' "$status" >&2
    output error "$(answer error)"
  fi
  return "$status"
}

# answer QUESTION...: reads the last result of the tool, or the one that $result names.
answer() {
  node "$here/answer.mjs" "$@" <"$result"
}
