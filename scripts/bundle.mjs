// Bundles entry points into CommonJS files that need no node_modules, and lists what they contain:
//   node ../../scripts/bundle.mjs bin=src/bin.ts
// Start-up time decides the form. CommonJS loads faster than ESM, and what is imported dynamically
// stays in a file of its own, so that nobody pays for a prompt or a YAML parser that is not used.
// esbuild splits ESM alone: hence two passes. Comments and white space go, because V8 reads them at
// every start; names stay, so that a stack trace still tells something.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { build, transform } from "esbuild";
import { bundledPackages, notice } from "./third-party.mjs";

const entryPoints = Object.fromEntries(process.argv.slice(2).map((entry) => entry.split("=")));
const require = createRequire(import.meta.url);

// Each of these costs one to four milliseconds of start-up, and few commands use them.
const LAZY_BUILTINS = ["child_process", "crypto", "fs/promises", "tty"];

/** Loads a built-in module when one of its exports is first read, not when it is imported. */
const lazyBuiltins = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(node:)?(${LAZY_BUILTINS.join("|")})$`);
    onResolve({ filter }, ({ path, namespace, kind }) => {
      const id = `node:${path.replace(/^node:/, "")}`;
      // A dynamic import is lazy as it is.
      return namespace === "lazy" || kind === "dynamic-import"
        ? { path: id, external: true }
        : { path: id, namespace: "lazy" };
    });
    onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys(require(path)))}) {
        Object.defineProperty(exports, name, { enumerable: true, get: () => require("${path}")[name] });
      }`,
    }));
  },
};

/**
 * Drops the kinds of prompt that nobody imports, and with one of them 700 kB of character sets. The
 * packages declare that they have no side effects, but in a package.json that esbuild does not reach.
 */
const unusedPrompts = {
  name: "unused-prompts",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^@inquirer\// }, async ({ path, pluginData, ...importer }) => {
      if (pluginData === unusedPrompts) return undefined;
      const found = await resolve(path, { ...importer, pluginData: unusedPrompts });
      return { ...found, sideEffects: false };
    });
  },
};

const { metafile, outputFiles } = await build({
  entryPoints,
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // jsonc-parser's `main` is a UMD file that cannot be bundled.
  mainFields: ["module", "main"],
  legalComments: "none",
  metafile: true,
  write: false,
  plugins: [lazyBuiltins, unusedPrompts],
});

await rm("dist", { recursive: true, force: true });
await mkdir("dist");
for (const { path, text } of outputFiles) {
  // A CommonJS package has named exports for import(), as in Node, only where it is a whole module.
  const source = text.replace(/^export default (require_\w+\(\));$/m, "module.exports = $1;");
  const { code } = await transform(source, {
    format: "cjs",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    // Without native import(), a dynamic import becomes a lazy require and spares the ESM loader.
    supported: { "dynamic-import": false },
  });
  await writeFile(`dist/${basename(path)}`, code);
}
await writeFile("dist/THIRD-PARTY-LICENSES.txt", notice(await bundledPackages([metafile])));
