/** The thread pool of this process, on which keys are derived. */
import { availableParallelism } from "node:os";

// What libuv takes by itself.
const DEFAULT_SIZE = 4;

/**
 * Gives the pool a thread for each core, unless the user says otherwise. Call it before anything runs
 * on the pool: libuv looks once.
 */
export function useEveryCore(
  cores: number = availableParallelism(),
  // biome-ignore lint/style/noProcessEnv: libuv reads the variable, and nothing else
  env: NodeJS.ProcessEnv = process.env,
): void {
  if (cores > DEFAULT_SIZE) env["UV_THREADPOOL_SIZE"] ??= String(cores);
}
