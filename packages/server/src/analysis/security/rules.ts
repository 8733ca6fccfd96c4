/** Every rule of analyze_security_posture. */
import type { Rule } from "../rule.ts";
import { CERTIFICATE_EXPIRED } from "./certificate-expired.ts";
import { CERTIFICATE_EXPIRES_SOON } from "./certificate-expires-soon.ts";
import { CERTIFICATE_SELF_SIGNED } from "./certificate-self-signed.ts";
import type { SecurityFacts } from "./facts.ts";
import { FIREWALL_OFF } from "./firewall-off.ts";
import { SERVER_EXCESS_PRIVILEGES } from "./server-excess-privileges.ts";
import { SERVER_PASSWORD } from "./server-password.ts";
import { SERVER_ROOT } from "./server-root.ts";
import { SERVER_TLS_UNCHECKED } from "./server-tls-unchecked.ts";
import { TOKEN_ADMINISTRATOR } from "./token-administrator.ts";
import { TOKEN_EXPIRED } from "./token-expired.ts";
import { TOKEN_EXPIRES_SOON } from "./token-expires-soon.ts";
import { TOKEN_WITHOUT_EXPIRY } from "./token-without-expiry.ts";
import { TOKEN_WITHOUT_PRIVILEGE_SEPARATION } from "./token-without-privilege-separation.ts";
import { USER_ADMINISTRATOR } from "./user-administrator.ts";
import { USER_INACTIVE_WITH_RIGHTS } from "./user-inactive-with-rights.ts";
import { USER_WITHOUT_SECOND_FACTOR } from "./user-without-second-factor.ts";

export const SECURITY_RULES: readonly Rule<SecurityFacts>[] = [
  CERTIFICATE_EXPIRED,
  CERTIFICATE_EXPIRES_SOON,
  CERTIFICATE_SELF_SIGNED,
  FIREWALL_OFF,
  USER_INACTIVE_WITH_RIGHTS,
  SERVER_EXCESS_PRIVILEGES,
  SERVER_PASSWORD,
  SERVER_ROOT,
  SERVER_TLS_UNCHECKED,
  TOKEN_ADMINISTRATOR,
  TOKEN_EXPIRED,
  TOKEN_EXPIRES_SOON,
  TOKEN_WITHOUT_EXPIRY,
  TOKEN_WITHOUT_PRIVILEGE_SEPARATION,
  USER_ADMINISTRATOR,
  USER_WITHOUT_SECOND_FACTOR,
];
