/** The client goes wherever there is a WebSocket: nothing of it belongs to one runtime alone. */
import { assert, assertEquals } from "../support/assert.ts";
import { type Source, sources } from "./sources.ts";

const ENTRY = "client/mod.ts";
/** What a page must load, in bytes of source: what a client does not need stays out. */
const BYTES_MAX = 120_000;

/** All that is loaded when the client is. */
function loaded(): Source[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const found = new Map<string, Source>();
  const visit = (path: string) => {
    const source = byPath.get(path);
    if (source === undefined || found.has(path)) return;
    found.set(path, source);
    source.values.forEach(visit);
  };
  visit(ENTRY);
  return [...found.values()];
}

Deno.test("the client imports no packages and no modules of a runtime", () => {
  const wrong = loaded().flatMap(({ path, imports }) =>
    imports.filter((target) => !target.endsWith(".ts")).map((target) => `${path} -> ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("the client takes nothing of a runtime for granted", () => {
  const wrong = loaded().filter(({ text }) => /(?<![.\w])(?:Deno|process|Buffer)\.\w/.test(text));
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("the client loads nothing of the server", () => {
  const folders = new Set(loaded().map(({ path }) => path.split("/")[0]));
  assertEquals([...folders].toSorted(), ["client", "wire"]);
  assert(loaded().reduce((sum, { text }) => sum + text.length, 0) < BYTES_MAX);
});
