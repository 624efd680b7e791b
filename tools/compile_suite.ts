/**
 * Compiles the client's test suite for runtimes that take no TypeScript, file for file, types
 * dropped: `deno run --config tools/deno.json ... tools/compile_suite.ts FOLDER`.
 */
import ts from "typescript";

const from = new URL("../tests/client/suite/", import.meta.url);
const [folder] = Deno.args;
if (folder === undefined) throw new Error("say where to: compile_suite.ts FOLDER");
await Deno.mkdir(folder, { recursive: true });
for await (const { name } of Deno.readDir(from)) {
  const { outputText } = ts.transpileModule(await Deno.readTextFile(new URL(name, from)), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  await Deno.writeTextFile(`${folder}/${name.replace(/\.ts$/, ".js")}`, outputText);
}
