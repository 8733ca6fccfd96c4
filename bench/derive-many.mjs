// Derives so many keys on all cores, and does nothing else: no rotation can be faster.
import { pbkdf2 } from "node:crypto";
import { availableParallelism } from "node:os";

process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, availableParallelism()));
const key = Buffer.from("an example, not a key");
await Promise.all(
  Array.from(
    { length: Number(process.argv[2]) },
    (_, index) =>
      new Promise((resolve, reject) => {
        pbkdf2(key, `salt ${index}`, 100_000, 32, "sha256", (error) =>
          error === null ? resolve() : reject(error),
        );
      }),
  ),
);
