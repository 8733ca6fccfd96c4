/** Transactions as the tests run them, in their own process and in a child's. */
import type { CommitDetails, Recovery, RecoveryWish } from "../../src/files/index.ts";
import { withTransaction } from "../../src/files/index.ts";

/** A new text for one file. */
export interface TestChange {
  target: string;
  /** The hash of the old text. */
  before?: string | undefined;
  text: string;
  backup: boolean;
  mode?: number | undefined;
}

/** What a transaction comes by: `make one.json`, `verify one.json`, `write 1/3`, `replace 1/3`. */
export type OnEvent = (event: string) => void | Promise<void>;

/** Commits changes, and gives back the backups by the paths of their files. */
export async function commit(
  changes: readonly TestChange[],
  onEvent: OnEvent = () => {},
  details: CommitDetails = {},
): Promise<Record<string, string>> {
  const directories = changes.map(({ target }) => target.slice(0, target.lastIndexOf("/")));
  return withTransaction({ directories, operation: "test" }, async (transaction) => {
    const { backups } = await transaction.commit(
      changes.map(({ text, ...change }) => ({
        ...change,
        before: change.before,
        async make() {
          await onEvent(`make ${change.target.slice(change.target.lastIndexOf("/") + 1)}`);
          return {
            text,
            verify: (found) => onEvent(`verify ${found === text ? found : "another text"}`),
          };
        },
      })),
      { onProgress: ({ step, done, total }) => onEvent(`${step} ${done}/${total}`), ...details },
    );
    return Object.fromEntries(backups);
  });
}

/** Closes what stands open in directories. */
export async function recover(
  directories: readonly string[],
  wish?: RecoveryWish,
): Promise<readonly Recovery[]> {
  return withTransaction(
    { directories, operation: "test", ...(wish && { wish }) },
    async ({ recovered }) => recovered,
  );
}
