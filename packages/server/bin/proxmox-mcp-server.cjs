#!/usr/bin/env node
// Committed, because package managers link binaries before anything is built.
"use strict";
const { existsSync } = require("node:fs");
const bundle = `${__dirname}/../dist/main.cjs`;
if (existsSync(bundle)) {
  require(bundle);
} else {
  process.stderr.write(
    "proxmox-mcp-server is not built yet: run npm start or npm test in the checkout\n",
  );
  process.exitCode = 1;
}
