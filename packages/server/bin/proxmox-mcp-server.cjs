#!/usr/bin/env node
// Committed, because package managers link binaries before anything is built.
"use strict";
const { existsSync } = require("node:fs");
// The health check is a program of its own: a probe every ten seconds loads nothing of the server.
const program = process.argv.includes("--test") ? "health" : "main";
const bundle = `${__dirname}/../dist/${program}.cjs`;
if (existsSync(bundle)) {
  require(bundle);
} else {
  process.stderr.write(
    "proxmox-mcp-server is not built yet: run npm start or npm test in the checkout\n",
  );
  process.exitCode = 1;
}
