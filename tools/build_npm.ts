/**
 * Builds the npm package of the client library in builds/npm, or in another folder: modules and
 * types, compiled file by file with TypeScript's own compiler. `deno task build:npm [FOLDER]`.
 */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import config from "../deno.json" with { type: "json" };
import { log } from "../lib/log.ts";

const root = new URL("../", import.meta.url);
const entry = fileURLToPath(new URL("lib/client/mod.ts", root));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  // What browsers, Deno and Node have in common.
  lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
  types: [],
  rootDir: fileURLToPath(new URL("lib/", root)),
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: true,
  declaration: true,
  noEmitHelpers: true,
  newLine: ts.NewLineKind.LineFeed,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
};

/** Replaces `folder` by the package. Throws the messages of the compiler. */
export async function buildPackage(folder: URL): Promise<void> {
  if (!await isReplaceable(folder)) {
    const path = fileURLToPath(folder);
    throw new Error(
      `Cannot build the package in ${path}: other files are there; move them away`,
    );
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  compile(folder);
  checkTypes(folder);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await Deno.writeTextFile(
    new URL("package.json", folder),
    json(packageJson()),
  );
  await Deno.copyFile(
    new URL("docs/client.md", root),
    new URL("README.md", folder),
  );
  await Deno.copyFile(new URL("LICENSE", root), new URL("LICENSE", folder));
}

/** Returns whether the folder is missing, is empty, or contains an older build of this package. */
async function isReplaceable(folder: URL): Promise<boolean> {
  try {
    if (Array.from(Deno.readDirSync(folder)).length === 0) return true;
    const json = JSON.parse(
      await Deno.readTextFile(new URL("package.json", folder)),
    );
    return json.name === packageJson().name;
  } catch (error) {
    const exists = await Deno.stat(folder).then(() => true, () => false);
    if (exists && !(error instanceof Deno.errors.NotFound)) throw error;
    return !exists;
  }
}

function compile(folder: URL): void {
  const program = ts.createProgram([entry], {
    ...options,
    outDir: fileURLToPath(folder),
  });
  const { diagnostics } = program.emit(undefined, (path, text) => {
    ts.sys.createDirectory(path.slice(0, path.lastIndexOf("/")));
    ts.sys.writeFile(path, completed(path, text));
  });
  throwDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics]);
}

/** Returns the output with the imports that the compiler does not rewrite. */
function completed(path: string, text: string): string {
  // It rewrites the imports of modules, but not those of types.
  if (path.endsWith(".d.ts")) {
    return text.replace(/(from "\.[^"]*)\.ts"/g, '$1.js"');
  }
  // For an import whose name is a variable, that of Node's module, it calls a helper.
  const module = text.replace(
    /__rewriteRelativeImportExtension\(([^()]*)\)/g,
    "$1",
  );
  if (module.includes("__")) {
    throw new Error(`Cannot compile ${path}: it needs a compiler helper`);
  }
  return module;
}

/** Checks the types as a user of the package compiles them. */
function checkTypes(folder: URL): void {
  const types = fileURLToPath(new URL("client/mod.d.ts", folder));
  const { rootDir: _, allowImportingTsExtensions: __, ...rest } = options;
  throwDiagnostics(
    ts.getPreEmitDiagnostics(
      ts.createProgram([types], { ...rest, noEmit: true }),
    ),
  );
}

function throwDiagnostics(diagnostics: readonly ts.Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  throw new Error(ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => fileURLToPath(root),
    getNewLine: () => "\n",
  }));
}

function packageJson(): Record<string, unknown> {
  return {
    name: "@holdfast/client",
    version: config.version,
    description: "Client of Holdfast: locks that live as long as their connection, and pools",
    license: config.license,
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./client/mod.d.ts", default: "./client/mod.js" },
    },
    files: ["client", "wire"],
    engines: { node: ">=20" },
  };
}

if (import.meta.main) {
  const [path = "builds/npm/"] = Deno.args;
  const folder = new URL(path.endsWith("/") ? path : `${path}/`, root);
  await buildPackage(folder);
  log.info(`Wrote the package to ${fileURLToPath(folder)}`);
  await log.flush();
}
