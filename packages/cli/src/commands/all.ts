/** All commands there are. */
import { declareGenerateKey } from "../declare/generate-key.ts";
import {
  declareBackups,
  declarePrepareKey,
  declareRetireKey,
  declareRotateKey,
  declareRotateKeyAll,
} from "../declare/rotation.ts";
import { declareScan } from "../declare/scan.ts";
import type {
  BackupsInvocation,
  GenerateKeyInvocation,
  PrepareKeyInvocation,
  RetireKeyInvocation,
  RotateKeyAllInvocation,
  RotateKeyInvocation,
  ScanInvocation,
} from "../invocation.ts";
import { backupsJson, renderBackups } from "../render/backups.ts";
import { closeRotationJson, renderCloseRotation } from "../render/close-rotation.ts";
import { generateKeyJson, renderGenerateKey } from "../render/generate-key.ts";
import { prepareKeyJson, renderPrepareKey } from "../render/prepare-key.ts";
import { renderRetireKey, retireKeyJson } from "../render/retire-key.ts";
import { renderRotateKey } from "../render/rotate-key.ts";
import { rotateKeyJson } from "../render/rotate-key-json.ts";
import { renderScan, scanJson } from "../render/scan.ts";
import type { RotateResult } from "../rotation/result.ts";
import { type BackupsResult, backups } from "./backups.ts";
import { type CloseResult, closeRotation } from "./close-rotation.ts";
import { EVERYDAY } from "./everyday.ts";
import { type GenerateKeyResult, generateKey } from "./generate-key.ts";
import type { CommandModule, CommandTable } from "./module.ts";
import { type PrepareKeyResult, prepareKey } from "./prepare-key.ts";
import { type RetireResult, retireKey } from "./retire-key.ts";
import { rotateKey } from "./rotate-key.ts";
import { type ScanResult, scan } from "./scan.ts";

const scanModule: CommandModule<ScanInvocation, ScanResult> = {
  declare: declareScan,
  run: scan,
  render: renderScan,
  json: scanJson,
  hasFindings: ({ findings }) => findings.length > 0,
};

const generateKeyModule: CommandModule<GenerateKeyInvocation, GenerateKeyResult> = {
  declare: declareGenerateKey,
  run: generateKey,
  render: renderGenerateKey,
  json: generateKeyJson,
};

type RotationModule = CommandModule<
  RotateKeyInvocation | RotateKeyAllInvocation,
  RotateResult | CloseResult
>;

const rotation: Omit<RotationModule, "declare"> = {
  run: (io, invocation) =>
    invocation.close === undefined
      ? rotateKey(io, invocation)
      : closeRotation(io, invocation, invocation.close),
  render: (result) =>
    result.outcome === "closed" ? renderCloseRotation(result) : renderRotateKey(result),
  json: (result) =>
    result.outcome === "closed" ? closeRotationJson(result) : rotateKeyJson(result),
  hasFindings: (result) =>
    result.outcome === "closed" ? result.waiting?.isPromoted === false : result.failed.length > 0,
};

const rotateKeyModule: RotationModule = { ...rotation, declare: declareRotateKey };
const rotateKeyAllModule: RotationModule = { ...rotation, declare: declareRotateKeyAll };

const prepareKeyModule: CommandModule<PrepareKeyInvocation, PrepareKeyResult> = {
  declare: declarePrepareKey,
  run: prepareKey,
  render: renderPrepareKey,
  json: prepareKeyJson,
};

const retireKeyModule: CommandModule<RetireKeyInvocation, RetireResult> = {
  declare: declareRetireKey,
  run: retireKey,
  render: renderRetireKey,
  json: retireKeyJson,
  hasFindings: ({ obstacles }) => obstacles.length > 0,
};

const backupsModule: CommandModule<BackupsInvocation, BackupsResult> = {
  declare: declareBackups,
  run: backups,
  render: renderBackups,
  json: backupsJson,
  hasFindings: needAttention,
};

function needAttention(result: BackupsResult): boolean {
  switch (result.action) {
    case "verify":
      return result.backups.some(({ problems }) => problems.length > 0);
    case "prune":
      return result.kept.length > 0;
    default:
      return false;
  }
}

export const ALL_COMMANDS: Required<CommandTable> = {
  ...EVERYDAY,
  scan: scanModule,
  "generate-key": generateKeyModule,
  "rotate-key": rotateKeyModule,
  "rotate-key-all": rotateKeyAllModule,
  "prepare-key": prepareKeyModule,
  "retire-key": retireKeyModule,
  backups: backupsModule,
};
