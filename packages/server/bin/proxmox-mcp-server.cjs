#!/usr/bin/env node
// Committed, because package managers link binaries before anything is built.
"use strict";
const { existsSync } = require("node:fs");
// The health check is a program of its own: a probe every ten seconds loads nothing of the server,
// and nothing of what asks the Proxmox host. Neither does who reads the audit log.
const has = (argument) => process.argv.includes(argument, 2);
const isOnline = has("--online") || has("test-connection");
const isAudit = process.argv[2] === "audit";
const program = isAudit ? "audit" : isOnline ? "online" : has("--test") ? "health" : "main";
const bundle = `${__dirname}/../dist/${program}.cjs`;
if (existsSync(bundle)) {
  require(bundle);
} else {
  process.stderr.write(
    "proxmox-mcp-server is not built yet: run npm start or npm test in the checkout\n",
  );
  process.exitCode = 1;
}
