/** Every rule of analyze_security_posture. */
import type { Rule } from "../rule.ts";
import { CERTIFICATE_EXPIRED } from "./certificate-expired.ts";
import { CERTIFICATE_EXPIRES_SOON } from "./certificate-expires-soon.ts";
import { CERTIFICATE_OWN_AUTHORITY } from "./certificate-own-authority.ts";
import type { SecurityFacts } from "./facts.ts";
import { FIREWALL_OFF } from "./firewall-off.ts";
import { INACTIVE_USER_WITH_RIGHTS } from "./inactive-user-with-rights.ts";
import { SERVER_EXCESS } from "./server-excess.ts";
import { SERVER_PASSWORD } from "./server-password.ts";
import { SERVER_ROOT } from "./server-root.ts";
import { SERVER_TLS } from "./server-tls.ts";
import { TOKEN_ADMINISTRATOR } from "./token-administrator.ts";
import { TOKEN_EXPIRED } from "./token-expired.ts";
import { TOKEN_EXPIRES_SOON } from "./token-expires-soon.ts";
import { TOKEN_WITHOUT_EXPIRY } from "./token-without-expiry.ts";
import { TOKEN_WITHOUT_SEPARATION } from "./token-without-separation.ts";
import { USER_ADMINISTRATOR } from "./user-administrator.ts";
import { USER_WITHOUT_SECOND_FACTOR } from "./user-without-second-factor.ts";

export const SECURITY_RULES: readonly Rule<SecurityFacts>[] = [
  CERTIFICATE_EXPIRED,
  CERTIFICATE_EXPIRES_SOON,
  CERTIFICATE_OWN_AUTHORITY,
  FIREWALL_OFF,
  INACTIVE_USER_WITH_RIGHTS,
  SERVER_EXCESS,
  SERVER_PASSWORD,
  SERVER_ROOT,
  SERVER_TLS,
  TOKEN_ADMINISTRATOR,
  TOKEN_EXPIRED,
  TOKEN_EXPIRES_SOON,
  TOKEN_WITHOUT_EXPIRY,
  TOKEN_WITHOUT_SEPARATION,
  USER_ADMINISTRATOR,
  USER_WITHOUT_SECOND_FACTOR,
];
