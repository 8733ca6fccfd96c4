/** The texts below the flags in `--help`. */

export const MAIN_HELP: string = `
The flags of the Python tool work as well:
  proxmox-mcp-encrypt CONFIG [-o FILE]    encrypt
  proxmox-mcp-encrypt CONFIG --status     status
  proxmox-mcp-encrypt --generate-key      generate-key
  proxmox-mcp-encrypt CONFIG --rotate-key rotate-key
  proxmox-mcp-encrypt --rotate-key-all D  rotate-key-all

The master key is looked for in --key-file, --key-env or --keyring, else in
PROXMOX_MCP_MASTER_KEY, PROXMOX_MCP_MASTER_KEY_FILE, PROXMOX_MCP_MASTER_KEY_COMMAND,
systemd's credentials and ~/.proxmox_mcp_key.

Start here:
  proxmox-mcp-encrypt generate-key
  proxmox-mcp-encrypt encrypt config.json
  proxmox-mcp-encrypt status config.encrypted.json`;

export const ENCRYPT_HELP: string = `
Examples:
  proxmox-mcp-encrypt encrypt config.json
  proxmox-mcp-encrypt encrypt config.yaml --in-place
  proxmox-mcp-encrypt encrypt settings.json --field '/service/*/pin' -o -
  proxmox-mcp-encrypt encrypt config.json --in-place --rebind /auth/token_secret=/auth/token_value`;

export const DECRYPT_HELP: string = `
Examples:
  proxmox-mcp-encrypt decrypt config.encrypted.json
  proxmox-mcp-encrypt decrypt config.encrypted.json --field /auth/token_value
  proxmox-mcp-encrypt decrypt .env.encrypted -o .env`;

export const SET_HELP: string = `
Examples:
  proxmox-mcp-encrypt set config.encrypted.json /auth/token_value
  pass show proxmox/token | proxmox-mcp-encrypt set config.encrypted.json /auth/token_value
  proxmox-mcp-encrypt set .env.encrypted MCPO_API_KEY --generate hex32`;

export const STATUS_HELP: string = `
Examples:
  proxmox-mcp-encrypt status config.encrypted.json
  proxmox-mcp-encrypt status . --check --max-age 90d
  proxmox-mcp-encrypt status . --prometheus -o /var/lib/node_exporter/proxmox-mcp.prom`;

export const SCAN_HELP: string = `
Examples:
  proxmox-mcp-encrypt scan --staged
  proxmox-mcp-encrypt scan config.yaml deploy.sh
  git ls-files -z | xargs -0 proxmox-mcp-encrypt scan --`;

export const GENERATE_KEY_HELP: string = `
Examples:
  proxmox-mcp-encrypt generate-key
  proxmox-mcp-encrypt generate-key -o /run/keys/proxmox_mcp_key
  proxmox-mcp-encrypt generate-key --keyring`;

export const ROTATE_KEY_HELP: string = `
Examples:
  proxmox-mcp-encrypt rotate-key config.encrypted.json --dry-run
  proxmox-mcp-encrypt rotate-key config.encrypted.json .env.encrypted
  proxmox-mcp-encrypt rotate-key config.encrypted.json --new-key-out next.key
  proxmox-mcp-encrypt rotate-key config.encrypted.json --resume

The new key goes to the key file, or the keyring entry, that the present key came from.
Where that cannot be written, name --new-key-out, --new-key-file or --new-key-sink.`;

export const ROTATE_KEY_ALL_HELP: string = `
Examples:
  proxmox-mcp-encrypt rotate-key-all configs --dry-run
  proxmox-mcp-encrypt rotate-key-all configs --exclude 'old/**' --yes
  proxmox-mcp-encrypt rotate-key-all . --new-key-sink 'vault kv put secret/proxmox key=-'`;

export const PREPARE_KEY_HELP: string = `
Examples:
  proxmox-mcp-encrypt prepare-key
  proxmox-mcp-encrypt prepare-key --new-key-sink 'vault kv put secret/proxmox key=-'

Then hand the key text to every server, run rotate-key-all, and at the end retire-key.`;

export const RETIRE_KEY_HELP: string = `
Examples:
  proxmox-mcp-encrypt retire-key configs --dry-run
  proxmox-mcp-encrypt retire-key configs --delete-backups
  proxmox-mcp-encrypt retire-key configs --archive-key old.key`;

export const BACKUPS_HELP: string = `
Examples:
  proxmox-mcp-encrypt backups list configs
  proxmox-mcp-encrypt backups restore config.encrypted.json
  proxmox-mcp-encrypt backups restore configs --stamp 20260131_120000
  proxmox-mcp-encrypt backups prune configs --older-than 90d --keep 3`;
