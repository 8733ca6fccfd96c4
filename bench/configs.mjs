// Configs of any size, in the shape of the server's. The secrets in them are made up.
import { createHash } from "node:crypto";

/** What stands in a config for a secret: a UUID, as PVE makes them. */
export const EXAMPLE_SECRET = "00000000-aaaa-bbbb-cccc-eeeeeeeeeeee";

/** The server's smallest config, with one secret. */
export const SMALL_CONFIG = json({
  proxmox: { host: "pve.example.com", port: 8006, verify_ssl: true, service: "PVE" },
  auth: { user: "mcp@pve", token_name: "mcp", token_value: EXAMPLE_SECRET },
});

/**
 * A config of `count` servers, each with one secret and about `size` characters.
 *
 * @param secretOf the secret of the server with this number.
 */
export function configOfServers(count, { size = 200, secretOf = () => EXAMPLE_SECRET } = {}) {
  const servers = Array.from({ length: count }, (_, index) => {
    const name = `node-${String(index).padStart(5, "0")}`;
    const server = {
      host: `${name}.example.com`,
      username: "mcp@pve",
      token_id: "mcp",
      token_secret: secretOf(index),
    };
    const spare = size - JSON.stringify({ [name]: server }).length - 60;
    return [name, spare > 0 ? { ...server, certificate: certificateOf(index, spare) } : server];
  });
  return json({ servers: Object.fromEntries(servers) });
}

/** The name of the field with the secret of a server. */
export function secretField(index) {
  return `/servers/node-${String(index).padStart(5, "0")}/token_secret`;
}

// Long words without a space are what makes careless patterns slow.
function certificateOf(index, length) {
  const digest = createHash("sha512").update(String(index)).digest("base64").replace(/=+$/, "");
  return digest.repeat(Math.ceil(length / digest.length)).slice(0, length);
}

function json(value) {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
