/**
 * Preloaded where keys are derived: one iteration of PBKDF2 in the place of 100 000. It is as safe as a
 * published key, and makes every call on the disk that a real derivation is followed by.
 */
"use strict";
const crypto = require("node:crypto");
const { syncBuiltinESMExports } = require("node:module");

const { pbkdf2 } = crypto;
crypto.pbkdf2 = (password, salt, _iterations, ...rest) => pbkdf2(password, salt, 1, ...rest);
syncBuiltinESMExports();
