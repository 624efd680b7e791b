/**
 * Compiles the test suite of the client for runtimes without TypeScript, file by file:
 * `deno run --config tools/deno.json ... tools/compile_suite.ts FOLDER`.
 */
import ts from "typescript";

const source = new URL("../tests/client/suite/", import.meta.url);
const [folder] = Deno.args;
if (folder === undefined) {
  throw new Error(
    "Cannot compile the suite: no folder given; usage: compile_suite.ts FOLDER",
  );
}
await Deno.mkdir(folder, { recursive: true });
for await (const { name } of Deno.readDir(source)) {
  const { outputText } = ts.transpileModule(
    await Deno.readTextFile(new URL(name, source)),
    {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    },
  );
  await Deno.writeTextFile(
    `${folder}/${name.replace(/\.ts$/, ".js")}`,
    outputText,
  );
}
