/** Taking a new config while the server runs: one load at a time, and the old config stays until then. */
import type { ProxmoxMcpError } from "@proxmox-mcp/crypto";
import { asKnownError } from "@proxmox-mcp/crypto/internal";
import { type Contents, contentsOf } from "../config/files.ts";
import type { Log } from "../log/log.ts";
import type { UnusableConfig, UsableConfig } from "./load.ts";

/** Hears of every reload that came to an end. */
export interface ReloadListener {
  /** A config is in force. */
  taken(loaded: UsableConfig): void;
  /** The old config stays in force, because of this problem and perhaps others. */
  refused(problem: ProxmoxMcpError): void;
}

/** What a reload works with. */
export interface ReloadParts {
  /** The files of the config in force, as they were before they were read. */
  readonly files: Contents;
  readonly load: () => Promise<UsableConfig | UnusableConfig>;
  /** Puts a config in force. @throws ProxmoxMcpError where it cannot be served after all. */
  readonly apply: (loaded: UsableConfig) => void;
  readonly log: Log;
  readonly listener?: ReloadListener | undefined;
}

/** Loads the config anew when it is asked to. */
export interface Reloader {
  /** The files of the config that was loaded last, usable or not. */
  files(): readonly string[];
  /** Calls back whenever a load has left other files than the one before it. */
  onOtherFiles(listener: () => void): void;
  /** Loads again if one of the files holds something else than at the last load. */
  check(): void;
  /** Loads again. */
  reload(): void;
  /** From now on nothing is put in force any more. */
  stop(): void;
}

/** Makes a reloader for a config that is in force. */
export function createReloader(parts: ReloadParts): Reloader {
  const { load, apply, log, listener } = parts;
  let { files } = parts;
  let tellOtherFiles = (): void => {};
  let wish: "nothing" | "check" | "reload" = "nothing";
  let busy = false;
  let stopped = false;

  const refused = (errors: readonly unknown[]): void => {
    listener?.refused(asKnownError(errors[0]));
    for (const error of errors) {
      log("error", "the new config is not taken, the old one stays in force", { error });
    }
  };
  const loadOnce = async (): Promise<void> => {
    try {
      const loaded = await load();
      const before = files;
      files = loaded.files;
      if (stopped) return;
      if (!isSame(names(before), names(files))) tellOtherFiles();
      if ("problems" in loaded) {
        refused(loaded.problems);
      } else {
        apply(loaded);
        listener?.taken(loaded);
        log("info", "the new config is in force", { key: loaded.key });
      }
    } catch (error) {
      refused([error]);
    }
  };
  const work = async (): Promise<void> => {
    while (wish !== "nothing" && !stopped) {
      const isForced = wish === "reload";
      wish = "nothing";
      const now = contentsOf(files.keys());
      if (!isForced && isSame([...now.values()], [...files.values()])) {
        log("debug", "the files of the config hold the same as before");
        continue;
      }
      files = now;
      await loadOnce();
    }
    busy = false;
  };
  const start = (wanted: "check" | "reload"): void => {
    if (wish !== "reload") wish = wanted;
    if (busy) return;
    busy = true;
    void work();
  };

  return {
    files: () => names(files),
    onOtherFiles(listener) {
      tellOtherFiles = listener;
    },
    check: () => start("check"),
    reload: () => start("reload"),
    stop() {
      stopped = true;
    },
  };
}

function names(files: Contents): readonly string[] {
  return [...files.keys()];
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.join("\n") === others.join("\n");
}
