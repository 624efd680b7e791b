/** Who may import whom: data flows along one line, and nobody calls backwards. */
import { assertEquals } from "../support/assert.ts";
import { sources } from "./sources.ts";

/** Each folder may import those to its left, itself, and the files of `EVERYONE`. */
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
  "server",
  "client",
  "cli",
];
const EVERYONE = ["clock.ts", "limits.ts", "log.ts", "text.ts", "version.ts"];
/** Those of them that do nothing by themselves: any folder may import these. */
const PURE = ["clock.ts", "limits.ts", "text.ts"];
/** Narrower than the line: the library is the other end of the wire, not a part of the server. */
const ONLY: Readonly<Record<string, readonly string[]>> = { client: ["wire", "transport"] };
/** Protocols never meet, neither in wire/ nor in commands/. */
const PROTOCOLS = ["glockd", "looky"];
/**
 * Packages by folder; the path of a request needs none. Those of Node are loaded at the start, and
 * most take longer than all the rest of it.
 */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  wire: /^node:buffer$/,
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
  if (EVERYONE.includes(here)) {
    return there === "wire" || PURE.includes(there) || /^(build\.json|\.\.\/deno\.json)$/.test(to);
  }
  if (PURE.includes(there)) return here !== "client";
  if (EVERYONE.includes(there)) return !["collections", "state", "wire"].includes(here);
  if (ONLY[here]) return ONLY[here].includes(there);
  return LINE.includes(there) && LINE.indexOf(there) < LINE.indexOf(here);
}

Deno.test("imports go one way only", () => {
  const wrong = sources.flatMap(({ path, imports }) =>
    imports.filter((target) => !isAllowed(path, target)).map((target) => `${path} -> ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("every folder stands in the line", () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  assertEquals([...folders].filter((name) => ![...LINE, ...EVERYONE].includes(name)), []);
});

Deno.test("protocols never import each other", () => {
  const protocolOf = (path: string) => PROTOCOLS.find((name) => path.includes(name));
  const wrong = sources.flatMap(({ path, imports }) =>
    imports.filter((target) => {
      const [from, to] = [protocolOf(path), protocolOf(target)];
      return from !== undefined && to !== undefined && from !== to;
    })
  );
  assertEquals(wrong, []);
});

Deno.test("the rule about imports can fail", () => {
  assertEquals(isAllowed("state/locks.ts", "wire/lines.ts"), false);
  assertEquals(isAllowed("client/mod.ts", "engine/engine.ts"), false);
  assertEquals(isAllowed("dispatch/gate.ts", "npm:left-pad"), false);
  assertEquals(isAllowed("commands/glockd/mod.ts", "engine/engine.ts"), true);
});

Deno.test("no file imports itself by way of others", () => {
  // What is imported for its types only is gone when the program runs, and makes no cycle.
  const graph = new Map(sources.map(({ path, values }) => [path, values]));
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [[...way, path].join(" -> ")];
    if (done.has(path)) return [];
    const found = (graph.get(path) ?? []).flatMap((target) => walk(target, [...way, path]));
    done.add(path);
    return found;
  };
  assertEquals(sources.flatMap(({ path }) => walk(path, [])), []);
});
