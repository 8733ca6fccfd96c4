import { errorJson } from "@proxmox-mcp/crypto/internal";
import type { RetireResult } from "../commands/retire-key.ts";
import { waysOut } from "../rotation/refuse-retirement.ts";
import type { Obstacle } from "../rotation/retirement.ts";
import { destinationJson } from "./destination-json.ts";
import { keyringEntry } from "./keyring-entry.ts";
import { atMost, counted, type Line, MANY, type Rendered } from "./line.ts";
import { recoveryJson, renderRecoveries } from "./recovery.ts";

type Plan = Omit<RetireResult, "outcome">;

/** What `retire-key` says. */
export function renderRetireKey(result: RetireResult): Rendered {
  return {
    stdout: "",
    stderr: [...renderRecoveries(result.recovered), ...outcome(result), ...unopened(result)],
  };
}

function outcome(result: RetireResult): readonly Line[] {
  const { activeKeyId, keyFrom, obstacles } = result;
  switch (result.outcome) {
    case "nothing":
      return [
        { text: `Nothing to retire: key ${nameOf(activeKeyId)} stands alone in ${keyFrom}.` },
      ];
    case "planned":
      return obstacles.length > 0 ? inTheWay(result) : retirementPlan(result);
    case "retired":
      return retired(result);
  }
}

/** What is going to happen. */
export function retirementPlan(result: Plan): readonly Line[] {
  const { activeKeyId, backups, deletesBackups, archive, filesChecked, directories, pendingFile } =
    result;
  const below = directories.join(", ");
  const others = backups.length === 0 ? "" : `, but for ${counted(backups.length, "backup")}`;
  return [
    {
      text: `${oldKeys(result, "Key", "Keys")} will be retired; key ${nameOf(activeKeyId)} stays alone${placeOf(result)}.`,
    },
    {
      text: `Nothing of ${counted(filesChecked, "file")} below ${below} needs an old key${others}.`,
    },
    ...(archive === undefined ? [] : [{ text: `The old keys will be kept in ${archive}.` }]),
    ...(pendingFile === undefined ? [] : [{ text: `The pending file goes, too: ${pendingFile}.` }]),
    ...(deletesBackups && backups.length > 0
      ? [
          { text: "These backups will be deleted:" },
          ...atMost(backups, (path) => [{ text: `  ${path}` }]),
        ]
      : []),
    {
      text: "What was encrypted with an old key and is elsewhere (git history, other machines) opens no more.",
      look: "warn",
    },
  ];
}

function retired(result: RetireResult): readonly Line[] {
  const { activeKeyId, backups, deletesBackups, archive } = result;
  const some = backups.length > 0 ? counted(backups.length, "backup") : undefined;
  return [
    {
      text: `Retired ${oldKeys(result, "key", "keys")}: key ${nameOf(activeKeyId)} stands alone now${placeOf(result)}.`,
      look: "good",
    },
    ...(archive === undefined
      ? []
      : [
          {
            text: `What was retired is kept in ${archive} (mode 600)${some === undefined ? "" : `, for ${some}`}.`,
          },
        ]),
    ...(deletesBackups && some !== undefined
      ? [{ text: `Deleted ${some} that nothing else opened.` }]
      : []),
    { text: "Other copies of the key text still hold what was retired: replace them." },
  ];
}

function inTheWay(result: RetireResult): readonly Line[] {
  const { obstacles } = result;
  return [
    { text: "No key can be retired yet:", look: "bad" },
    ...atMost(obstacles, ({ error: { where, message } }) => [
      {
        text: `  ${where.file === undefined ? "" : `${placeIn(where)}  `}${message}`,
        look: "bad",
      },
    ]),
    { text: `Way out: ${waysOut(obstacles)}.` },
  ];
}

function placeIn({ file, line }: Obstacle["error"]["where"]): string {
  return line === undefined ? `${file}` : `${file}:${line}`;
}

function unopened(result: RetireResult): readonly Line[] {
  return atMost(result.unopened, ({ path, lines }) => [
    {
      text: `warning: ${path} line ${lines.slice(0, MANY).join(", ")}: no key at hand opens this token`,
      look: "warn",
    },
  ]);
}

function oldKeys({ oldKeyIds }: Plan, one: string, many: string): string {
  return `${oldKeyIds.length === 1 ? one : many} ${oldKeyIds.map(nameOf).join(", ")}`;
}

function placeOf({ destination }: Plan): string {
  switch (destination?.kind) {
    case "sink": {
      const file = destination.keyFile === undefined ? "" : ` and in ${destination.keyFile}`;
      return ` where ${destination.sink.argv[0]} stores it${file}`;
    }
    case "keyring":
      return ` in ${keyringEntry(destination.account)}`;
    case "key-file":
      return ` in ${destination.path}`;
    default:
      return "";
  }
}

function nameOf(id: string | undefined): string {
  return id ?? "of unusual length";
}

/** The JSON of `retire-key`. */
export function retireKeyJson(result: RetireResult): object {
  const { outcome, activeKeyId, oldKeyIds, keyFrom, destination, filesChecked } = result;
  return {
    outcome,
    activeKeyId: activeKeyId ?? null,
    oldKeyIds: oldKeyIds.map((id) => id ?? null),
    keyFrom,
    destination: destination === undefined ? null : destinationJson(destination),
    filesChecked,
    obstacles: result.obstacles.map(({ kind, error }) => ({ kind, ...errorJson(error) })),
    backups: result.backups,
    deletesBackups: result.deletesBackups,
    archive: result.archive ?? null,
    pendingFile: result.pendingFile ?? null,
    unopened: result.unopened.map(({ path, lines }) => ({ file: path, lines })),
    recovered: result.recovered.map(recoveryJson),
  };
}
