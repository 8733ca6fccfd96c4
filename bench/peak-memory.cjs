// Preloaded into a program: when it ends, its peak memory in KiB goes to descriptor 3. On Linux a
// child begins with its parent's maximum (getrusage), so the kernel's count for the program is read.
"use strict";
const { readFileSync, writeSync } = require("node:fs");

process.on("exit", () => {
  const peak =
    process.platform === "linux"
      ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))[1]
      : process.resourceUsage().maxRSS;
  writeSync(3, String(peak));
});
