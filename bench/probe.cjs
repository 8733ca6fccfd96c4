// Loaded into a server with --expose-gc: tells over IPC what it has used so far.
const ANSWERS = {
  /** Bytes of the heap after a collection. */
  heap() {
    globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
  /** Microseconds of processor time. */
  processor() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

process.on("message", (question) => process.send(ANSWERS[question]()));
// Waiting for questions keeps nobody alive.
process.channel.unref();
