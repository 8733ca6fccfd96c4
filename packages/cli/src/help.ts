/** The texts below the flags in `--help`. */

export const MAIN_HELP: string = `
The flags of the Python tool work as well:
  proxmox-mcp-encrypt CONFIG [-o FILE]    encrypt
  proxmox-mcp-encrypt CONFIG --status     status
  proxmox-mcp-encrypt --generate-key      generate-key

The master key is looked for in --key-file, --key-env, PROXMOX_MCP_MASTER_KEY,
PROXMOX_MCP_MASTER_KEY_FILE, PROXMOX_MCP_MASTER_KEY_COMMAND, systemd's credentials
and ~/.proxmox_mcp_key.

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
  proxmox-mcp-encrypt status . --check --max-age 90d`;

export const GENERATE_KEY_HELP: string = `
Examples:
  proxmox-mcp-encrypt generate-key
  proxmox-mcp-encrypt generate-key -o /run/keys/proxmox_mcp_key`;
