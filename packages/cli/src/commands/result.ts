import type { RotateResult } from "../rotation/result.ts";
import type { BackupsResult } from "./backups.ts";
import type { CloseResult } from "./close-rotation.ts";
import type { DecryptResult } from "./decrypt.ts";
import type { EncryptResult } from "./encrypt.ts";
import type { GenerateKeyResult } from "./generate-key.ts";
import type { PrepareKeyResult } from "./prepare-key.ts";
import type { RetireResult } from "./retire-key.ts";
import type { ScanResult } from "./scan.ts";
import type { SetResult } from "./set.ts";
import type { StatusResult } from "./status.ts";

/** What a command did. */
export type Result =
  | BackupsResult
  | EncryptResult
  | DecryptResult
  | SetResult
  | StatusResult
  | ScanResult
  | GenerateKeyResult
  | RotateResult
  | CloseResult
  | PrepareKeyResult
  | RetireResult;
