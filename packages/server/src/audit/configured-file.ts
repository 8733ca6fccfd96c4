/** The audit log that a config names, found without a key. */
import { formatOf, openDocument, ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { expandText, locatorOf } from "@proxmox-mcp/crypto/config";
import { readTextFile } from "@proxmox-mcp/crypto/files";
import { configPath } from "../config/config-path.ts";
import { besideConfig } from "../config/files.ts";
import type { LoadOptions } from "../config/load.ts";

const LOCATION = "/audit/file";

/** The path in `audit.file`. @throws ProxmoxMcpError, USAGE where there is none. */
export async function configuredFile(
  options: Pick<LoadOptions, "config" | "env">,
): Promise<string> {
  const config = configPath(options);
  if (config === "") throw unnamed("no audit log is named, and no config that names one");
  const { text } = readTextFile(config);
  const document = await openDocument(text, { format: formatOf(config, text), file: config });
  const value = document.values.find(({ location }) => location === LOCATION);
  if (value?.kind !== "string")
    throw unnamed(`${config} has no audit.file: records go to standard error`);
  const { text: file, problems } = expandText(value.text, { env: options.env });
  const [problem] = problems;
  if (problem !== undefined) throw problem.at(locatorOf(document, config)(LOCATION));
  return besideConfig(config, file);
}

function unnamed(message: string): ProxmoxMcpError {
  return new ProxmoxMcpError("USAGE", message, {
    hint: "name the file, or a config that does with --config",
  });
}
