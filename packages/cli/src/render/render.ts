/** From results to text and JSON. */
import { formatError, type ProxmoxMcpError } from "@proxmox-mcp/crypto";
import type { Result } from "../commands/result.ts";
import { decryptJson, renderDecrypt } from "./decrypt.ts";
import { encryptJson, renderEncrypt } from "./encrypt.ts";
import { generateKeyJson, renderGenerateKey } from "./generate-key.ts";
import { renderSet, setJson } from "./set.ts";
import { renderStatus, statusJson } from "./status.ts";
import type { Style } from "./style.ts";

/** What goes to each stream. */
export interface Rendered {
  readonly stdout: string;
  readonly stderr: string;
}

/** Renders a result for people. */
export function render(result: Result, style: Style): Rendered {
  const rendered = renderCommand(result, style);
  const warnings = warningsOf(result).map((warning) => style.warn(`warning: ${warning}\n`));
  return { ...rendered, stderr: warnings.join("") + rendered.stderr };
}

/** Renders a result as one JSON object. */
export function renderJson(result: Result): Rendered {
  const warnings = warningsOf(result);
  return json({ ok: true, command: result.command, ...commandJson(result), warnings });
}

/** Renders a failure as one JSON object. */
export function renderErrorJson(error: ProxmoxMcpError, command: string | undefined): Rendered {
  const { code, message, where, hint } = error;
  return json({
    ok: false,
    command: command ?? null,
    error: { code, message, ...where, hint: hint ?? null },
  });
}

/** Renders a failure as the one line that people get. */
export function renderError(error: ProxmoxMcpError, style: Style): Rendered {
  return { stdout: "", stderr: `${style.bad(formatError(error))}\n` };
}

function json(value: object): Rendered {
  return { stdout: `${JSON.stringify(value, undefined, 2)}\n`, stderr: "" };
}

function renderCommand(result: Result, style: Style): Rendered {
  switch (result.command) {
    case "encrypt":
      return renderEncrypt(result, style);
    case "decrypt":
      return renderDecrypt(result, style);
    case "set":
      return renderSet(result, style);
    case "status":
      return renderStatus(result, style);
    case "generate-key":
      return renderGenerateKey(result, style);
  }
}

function commandJson(result: Result): object {
  switch (result.command) {
    case "encrypt":
      return encryptJson(result);
    case "decrypt":
      return decryptJson(result);
    case "set":
      return setJson(result);
    case "status":
      return statusJson(result);
    case "generate-key":
      return generateKeyJson(result);
  }
}

function warningsOf(result: Result): readonly string[] {
  if (result.command === "generate-key") return [];
  if (result.command !== "status") return result.warnings;
  const modes = result.files.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
  return [...result.warnings, ...modes];
}
