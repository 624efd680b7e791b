/** Which folder may import which: data flows along one line, and no folder imports backwards. */
import { assertEquals } from "../support/assert.ts";
import { sources } from "./sources.ts";

/** Each folder may import those above it, itself, and the files of `SHARED`. */
const LINE = [
  "collections",
  "state",
  "wire",
  "runtime",
  "transport",
  "engine",
  "dispatch",
  "commands",
  "http",
  "args",
  "storage",
  "server",
  "client",
  "cli",
];
/** Files without effects, which any folder of the server may import. */
const PURE = ["clock.ts", "columns.ts", "limits.ts", "text.ts"];
const SHARED = [...PURE, "log.ts", "version.ts"];
/** Folders that are free of effects: they must not log either. */
const SILENT = ["collections", "state", "wire"];
/** Narrower than the line: the client library is the other end of the wire, not part of the server. */
const ONLY: Readonly<Record<string, readonly string[]>> = { client: ["wire", "transport"] };
/** The two old protocols are independent of each other, in wire/ and in commands/. */
const PROTOCOLS = ["glockd", "looky"];
/**
 * Packages by folder. The path of a request needs none; loading most of Node's modules takes longer
 * than the rest of the start.
 */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  wire: /^node:buffer$/,
  args: /^@std\/cli\//,
  storage: /^@std\/async\//,
  server: /^@std\//,
  cli: /^@std\//,
};

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : path;
}

function isAllowed(from: string, to: string): boolean {
  const [here, there] = [folderOf(from), folderOf(to)];
  if (!/\.(ts|json)$/.test(to)) return PACKAGES[here]?.test(to) ?? false;
  if (here === there) return true;
  if (SHARED.includes(here)) {
    return there === "wire" || PURE.includes(there) || /^(build\.json|\.\.\/deno\.json)$/.test(to);
  }
  if (PURE.includes(there)) return here !== "client";
  if (SHARED.includes(there)) return !SILENT.includes(here);
  if (ONLY[here]) return ONLY[here].includes(there);
  return LINE.includes(there) && LINE.indexOf(there) < LINE.indexOf(here);
}

Deno.test("imports go one way only", () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports.filter((target) => !isAllowed(path, target)).map((target) => `${path} -> ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("every folder has a place in the line", () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  assertEquals([...folders].filter((name) => ![...LINE, ...SHARED].includes(name)), []);
});

Deno.test("the protocols do not import each other", () => {
  const protocolOf = (path: string) => PROTOCOLS.find((name) => path.includes(name));
  const wrong = sources.flatMap(({ path, imports }) =>
    imports.filter((target) => {
      const [from, to] = [protocolOf(path), protocolOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    })
  );
  assertEquals(wrong, []);
});

Deno.test("the rule of imports can fail", () => {
  assertEquals(isAllowed("state/locks/rules.ts", "wire/lines.ts"), false);
  assertEquals(isAllowed("client/mod.ts", "engine/engine.ts"), false);
  assertEquals(isAllowed("dispatch/gate.ts", "npm:left-pad"), false);
  assertEquals(isAllowed("commands/glockd/mod.ts", "engine/engine.ts"), true);
});

/** Every import cycle, as a path of files; an import of types alone counts, too. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [[...way.slice(way.indexOf(path)), path].join(" -> ")];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((target) => walk(target, [...way, path]));
    done.add(path);
    return found;
  };
  return [...graph.keys()].flatMap((path) => walk(path, []));
}

Deno.test("no file imports itself through others, not even types", () => {
  assertEquals(cyclesOf(new Map(sources.map(({ path, imports }) => [path, imports]))), []);
});

Deno.test("the rule of cycles can fail", () => {
  const graph = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]], ["d", ["a"]]]);
  assertEquals(cyclesOf(graph), ["b -> c -> b"]);
});
