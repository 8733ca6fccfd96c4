/**
 * Preloaded where a fault is to meet certain files, by their names: temporary names get one and the same
 * id in every run. Nothing else of this program draws eight random bytes.
 */
"use strict";
const crypto = require("node:crypto");
const { syncBuiltinESMExports } = require("node:module");

const { randomBytes } = crypto;
crypto.randomBytes = (size, ...rest) =>
  size === 8 && rest.length === 0 ? Buffer.alloc(8, 0xab) : randomBytes(size, ...rest);
syncBuiltinESMExports();
