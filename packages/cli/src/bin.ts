/**
 * The entry point of proxmox-mcp-encrypt. It begins what takes longest, on another thread, and loads the
 * program meanwhile.
 */

import { useEveryCore } from "@proxmox-mcp/crypto/files";
import { deriveAhead } from "./derive-ahead.ts";
import { isEveryday } from "./everyday-names.ts";
import { homeDirectory } from "./home.ts";

// A warning about a package inside this bundle helps no user, and an error is exactly one line.
process.noDeprecation = true;

useEveryCore();
const argv = process.argv.slice(2);
const started = deriveAhead(argv, process.env, homeDirectory());
const program = isEveryday(argv) ? import("./everyday.ts") : import("./everything.ts");
void program.then(({ main }) => main(argv, started));
