/** Secrets that `PROXMOX_MCP_REQUIRE_BOUND` does not let a rotation touch. */
import {
  type CheckedField,
  type Document,
  listSecrets,
  ProxmoxMcpError,
  type SecretField,
  type SecretRules,
} from "@proxmox-mcp/crypto";

/**
 * Finds every token that is not bound to its field, and every secret in plain sight: where nothing
 * says that a value belongs there, somebody may have put it there.
 */
export function notBound(
  document: Document,
  rules: SecretRules,
  tokens: readonly CheckedField[],
): readonly ProxmoxMcpError[] {
  const loose = tokens.flatMap((field) => {
    const { opened } = field;
    return opened === undefined || opened.form === "bound"
      ? []
      : [
          refusal(
            field,
            `${opened.form === "legacy" ? "a" : "an"} ${opened.form} token`,
            "where it stands rightly, rotate once without PROXMOX_MCP_REQUIRE_BOUND: that binds it",
          ),
        ];
  });
  const plain = listSecrets(document, rules).secrets.flatMap((field) =>
    PLAIN.has(field.state)
      ? [
          refusal(
            field,
            "in plain text",
            "seal it with `proxmox-mcp-encrypt encrypt FILE --in-place`",
          ),
        ]
      : [],
  );
  return [...loose, ...plain];
}

const PLAIN: ReadonlySet<SecretField["state"]> = new Set([
  "plain",
  "plain-default",
  "not-a-string",
]);

function refusal(
  { location, line, column }: SecretField,
  found: string,
  hint: string,
): ProxmoxMcpError {
  return new ProxmoxMcpError(
    "TOKEN_NOT_BOUND",
    `PROXMOX_MCP_REQUIRE_BOUND wants a bound token, and this is ${found}`,
    { where: { location, line, column }, hint },
  );
}
