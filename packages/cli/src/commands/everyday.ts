/** The commands that work on one config. */
import { declareDecrypt, declareEncrypt, declareSet, declareStatus } from "../declare/everyday.ts";
import type { EVERYDAY_NAMES } from "../everyday-names.ts";
import type {
  DecryptInvocation,
  EncryptInvocation,
  SetInvocation,
  StatusInvocation,
} from "../invocation.ts";
import { decryptJson, renderDecrypt } from "../render/decrypt.ts";
import { encryptJson, renderEncrypt } from "../render/encrypt.ts";
import { renderSet, setJson } from "../render/set.ts";
import { renderStatus, statusJson } from "../render/status.ts";
import { type DecryptResult, decrypt } from "./decrypt.ts";
import { type EncryptResult, encrypt } from "./encrypt.ts";
import type { CommandModule, CommandTable } from "./module.ts";
import { type SetResult, set } from "./set.ts";
import { type StatusResult, status } from "./status.ts";

const encryptModule: CommandModule<EncryptInvocation, EncryptResult> = {
  declare: declareEncrypt,
  run: encrypt,
  render: renderEncrypt,
  json: encryptJson,
};

const decryptModule: CommandModule<DecryptInvocation, DecryptResult> = {
  declare: declareDecrypt,
  run: decrypt,
  render: renderDecrypt,
  json: decryptJson,
};

const setModule: CommandModule<SetInvocation, SetResult> = {
  declare: declareSet,
  run: set,
  render: renderSet,
  json: setJson,
};

const statusModule: CommandModule<StatusInvocation, StatusResult> = {
  declare: declareStatus,
  run: status,
  render: renderStatus,
  json: statusJson,
  hasFindings: ({ check, findings }) => check && findings.length > 0,
};

/** As small as it can be: every run of these waits until it is loaded. */
export const EVERYDAY: Required<CommandTable<(typeof EVERYDAY_NAMES)[number]>> = {
  encrypt: encryptModule,
  decrypt: decryptModule,
  set: setModule,
  status: statusModule,
};
