// Bundles entry points into CommonJS files that need no node_modules, and lists what they contain:
//   node ../../scripts/bundle.mjs bin=src/bin.ts everyday=src/everyday.ts
// Start-up time decides the form (docs/performance.md has the measurements): CommonJS loads faster
// than ESM, one file faster than several, and a package that few commands need stays in a file of its
// own until its dynamic import, as does an entry point that another one imports. Comments and white
// space go, because V8 reads them at every start; names stay, so that a stack trace still tells
// something.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { build } from "esbuild";
import { billOfMaterials } from "./sbom.mjs";
import { bundledPackages, notice } from "./third-party.mjs";

const require = createRequire(import.meta.url);
const entryPoints = Object.fromEntries(process.argv.slice(2).map((entry) => entry.split("=")));

// Each of these costs one to four milliseconds of start-up, and few commands use them.
const LAZY_BUILTINS = ["child_process", "crypto", "module", "net", "tty"];

// What is used of the packages that get files of their own. Prompts are named one by one: the others
// would bring 700 kB of character sets along.
const LAZY_PACKAGES = {
  "@inquirer/prompts": {
    file: "prompts",
    contents: 'export { confirm, password } from "@inquirer/prompts";',
  },
  fernet: { file: "fernet", contents: 'module.exports = require("fernet");' },
  picomatch: { file: "picomatch", contents: 'module.exports = require("picomatch");' },
  pino: { file: "pino", contents: 'module.exports = require("pino");' },
  "pino-pretty": {
    file: "pino-pretty",
    contents: 'export { prettyFactory } from "pino-pretty";',
  },
  // Without its default metrics, which would bring OpenTelemetry along.
  "prom-client": {
    file: "prom-client",
    contents: ["Counter", "Gauge", "Histogram", "Registry"]
      .map((name) => `exports.${name} = require("prom-client/lib/${name.toLowerCase()}");`)
      .join("\n"),
  },
  yaml: { file: "yaml", contents: 'export * from "yaml";' },
};

/**
 * Loads a built-in module when one of its functions is first called, not when it is imported. An import
 * names what it wants, so the rest is dropped; code with `require` gets all of the module, by getters.
 */
const lazyBuiltins = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(node:)?(${LAZY_BUILTINS.join("|")})$`);
    onResolve({ filter }, ({ path, namespace, kind }) => {
      const id = `node:${path.replace(/^node:/, "")}`;
      // A dynamic import is lazy as it is.
      if (namespace.startsWith("lazy-") || kind === "dynamic-import") {
        return { path: id, external: true };
      }
      return { path: id, namespace: kind === "import-statement" ? "lazy-import" : "lazy-require" };
    });
    onLoad({ filter: /.*/, namespace: "lazy-import" }, ({ path }) => ({
      // Kept, because each require() takes a microsecond or two, and some are called ten thousand times.
      contents: [
        "let loaded;",
        ...functionsOf(path).map(
          (name) => `export const ${name} = function (...args) {
            loaded ??= require("${path}");
            return new.target === undefined ? loaded.${name}(...args) : new loaded.${name}(...args);
          };`,
        ),
        // What older versions of Node lack is asked for as a property, and is missing there.
        `export default /* @__PURE__ */ new Proxy({}, {
          get: (_, name) => (loaded ??= require("${path}"))[name],
        });`,
      ].join("\n"),
    }));
    onLoad({ filter: /.*/, namespace: "lazy-require" }, ({ path }) => ({
      contents: `for (const name of ${JSON.stringify(Object.keys(require(path)))}) {
        Object.defineProperty(exports, name, { enumerable: true, get: () => require("${path}")[name] });
      }`,
    }));
  },
};

function functionsOf(path) {
  const module = require(path);
  return Object.keys(module).filter((name) => typeof module[name] === "function");
}

/** Leaves an entry point that another one imports a file of its own. */
const otherEntries = {
  name: "other-entries",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ path, resolveDir, kind }) => {
      if (kind !== "dynamic-import") return undefined;
      const [name] =
        Object.entries(entryPoints).find(
          ([, entry]) => resolve(entry) === resolve(resolveDir, path),
        ) ?? [];
      return name === undefined ? undefined : { path: `./${name}.cjs`, external: true };
    });
  },
};

/** Leaves an import of a lazy package a load of that one's own file. */
function separateFiles(found) {
  return {
    name: "separate-files",
    setup({ onResolve }) {
      onResolve({ filter: /^[^.]/ }, ({ path, importer }) => {
        const lazy = LAZY_PACKAGES[path];
        if (lazy === undefined || importer === "<stdin>") return undefined;
        found.set(path, importer);
        return { path: `./${lazy.file}.cjs`, external: true };
      });
    },
  };
}

/**
 * Drops modules that nobody uses, of packages without side effects. They do not declare that, or in a
 * package.json that esbuild does not reach.
 */
const unusedModules = {
  name: "unused-modules",
  setup({ onResolve, resolve: resolveImport }) {
    const pure = /[\\/]node_modules[\\/](@inquirer[\\/][^\\/]+|jsonc-parser)[\\/]/;
    onResolve(
      { filter: /^(@inquirer\/|jsonc-parser$|\.)/ },
      async ({ path, pluginData, ...importer }) => {
        if (pluginData === unusedModules) return undefined;
        const found = await resolveImport(path, { ...importer, pluginData: unusedModules });
        return pure.test(found.path) ? { ...found, sideEffects: false } : undefined;
      },
    );
  },
};

const OPTIONS = {
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  // Without native import(), a dynamic import becomes a lazy require and spares the ESM loader.
  supported: { "dynamic-import": false },
  // Installed by those who want it, and found from where the bundle is.
  external: ["@napi-rs/keyring"],
  define: { "import.meta.url": "__filename" },
  // jsonc-parser's `main` is a UMD file that cannot be bundled.
  mainFields: ["module", "main"],
  minifyWhitespace: true,
  legalComments: "none",
  metafile: true,
};

await rm("dist", { recursive: true, force: true });
await mkdir("dist");
const lazyPackages = new Map();
const results = [
  await build({
    ...OPTIONS,
    entryPoints,
    plugins: [lazyBuiltins, otherEntries, separateFiles(lazyPackages), unusedModules],
  }),
];
// What was resolved may have been dropped again, because nobody uses what imports it.
const loaded = Object.values(results[0].metafile.outputs).flatMap(({ imports }) =>
  imports.map(({ path }) => path),
);
for (const [name, importer] of lazyPackages) {
  const { file, contents } = LAZY_PACKAGES[name];
  if (!loaded.includes(`./${file}.cjs`)) continue;
  const stdin = { contents, resolveDir: resolve(importer, "..") };
  const { outdir: _, outExtension: __, ...options } = OPTIONS;
  results.push(
    await build({
      ...options,
      stdin,
      outfile: `dist/${file}.cjs`,
      plugins: [lazyBuiltins, unusedModules],
    }),
  );
}
const metafiles = results.map(({ metafile }) => metafile);
const packages = await bundledPackages(metafiles);
await writeFile("dist/THIRD-PARTY-LICENSES.txt", notice(packages));
await writeFile("dist/sbom.cdx.json", await billOfMaterials(metafiles, packages));
