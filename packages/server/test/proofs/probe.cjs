// Loaded into a server with --expose-gc: SIGUSR2 has it tell on standard error what it holds.
process.on("SIGUSR2", () => {
  // What a collection finalises is let go by the next one.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed: heap, external } = process.memoryUsage();
    const resources = {};
    for (const name of process.getActiveResourcesInfo()) {
      resources[name] = (resources[name] ?? 0) + 1;
    }
    process.stderr.write(`${JSON.stringify({ msg: "probed", heap, external, resources })}\n`);
  });
});
