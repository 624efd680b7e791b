/**
 * Builds the client library as a package for npm, into builds/npm: plain modules and their types,
 * by TypeScript's own compiler, file for file. `deno task build:npm`, or with a folder of one's own,
 * its slash at the end: `deno task build:npm /tmp/npm/`.
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
  // What browsers, Deno and Node have in common, and nothing of either.
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

/** Writes the package into a folder that is made anew; throws what the compiler has to say. */
export async function buildPackage(folder: URL): Promise<void> {
  if (!await isOurs(folder)) {
    throw new Error(`${fileURLToPath(folder)} holds something else; move it away`);
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  compile(folder);
  checkTypes(folder);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await Deno.writeTextFile(new URL("package.json", folder), json(packageJson()));
  await Deno.copyFile(new URL("docs/client.md", root), new URL("README.md", folder));
  await Deno.copyFile(new URL("LICENSE", root), new URL("LICENSE", folder));
}

/** Whether it may be removed: there is nothing, or an older package of ours. */
async function isOurs(folder: URL): Promise<boolean> {
  try {
    if (Array.from(Deno.readDirSync(folder)).length === 0) return true;
    const json = JSON.parse(await Deno.readTextFile(new URL("package.json", folder)));
    return json.name === packageJson().name;
  } catch (error) {
    const isThere = await Deno.stat(folder).then(() => true, () => false);
    if (isThere && !(error instanceof Deno.errors.NotFound)) throw error;
    return !isThere;
  }
}

function compile(folder: URL): void {
  const program = ts.createProgram([entry], { ...options, outDir: fileURLToPath(folder) });
  const { diagnostics } = program.emit(undefined, (path, text) => {
    ts.sys.createDirectory(path.slice(0, path.lastIndexOf("/")));
    ts.sys.writeFile(path, finished(path, text));
  });
  refuse([...ts.getPreEmitDiagnostics(program), ...diagnostics]);
}

/** What the compiler leaves undone. */
function finished(path: string, text: string): string {
  // It rewrites imports in modules only, not in their types ...
  if (path.endsWith(".d.ts")) return text.replace(/(from "\.[^"]*)\.ts"/g, '$1.js"');
  // ... and has a helper look at names that are known only later: there is one, of Node's module.
  const own = text.replace(/__rewriteRelativeImportExtension\(([^()]*)\)/g, "$1");
  if (own.includes("__")) throw new Error(`${path} needs a helper of the compiler`);
  return own;
}

/** Reads the types as one does who uses the package. */
function checkTypes(folder: URL): void {
  const types = fileURLToPath(new URL("client/mod.d.ts", folder));
  const { rootDir: _, allowImportingTsExtensions: __, ...rest } = options;
  refuse(ts.getPreEmitDiagnostics(ts.createProgram([types], { ...rest, noEmit: true })));
}

function refuse(found: readonly ts.Diagnostic[]): void {
  if (found.length === 0) return;
  throw new Error(ts.formatDiagnostics(found, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => fileURLToPath(root),
    getNewLine: () => "\n",
  }));
}

function packageJson(): Record<string, unknown> {
  return {
    name: "@holdfast/client",
    version: config.version,
    description: "Locks that live as long as their connection, and pools: Holdfast's client",
    license: config.license,
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./client/mod.d.ts", default: "./client/mod.js" } },
    files: ["client", "wire"],
    engines: { node: ">=20" },
  };
}

if (import.meta.main) {
  const [to = "builds/npm/"] = Deno.args;
  const folder = new URL(to.endsWith("/") ? to : `${to}/`, root);
  await buildPackage(folder);
  log.say(`the package is in ${fileURLToPath(folder)}`);
  await log.flush();
}
