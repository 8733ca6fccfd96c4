import type { DecryptResult } from "./decrypt.ts";
import type { EncryptResult } from "./encrypt.ts";
import type { GenerateKeyResult } from "./generate-key.ts";
import type { SetResult } from "./set.ts";
import type { StatusResult } from "./status.ts";

/** What any command did. */
export type Result = EncryptResult | DecryptResult | SetResult | StatusResult | GenerateKeyResult;
