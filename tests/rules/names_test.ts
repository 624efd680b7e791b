/** One name, one meaning: type names are unique in lib/, and none hides a built-in type. */
import { assertEquals } from "../support/assert.ts";
import { sources } from "./sources.ts";

/** TypeScript's own types, which exist in no running program. */
const UTILITY_TYPES =
  ("Awaited Capitalize ConstructorParameters Exclude Extract InstanceType Lowercase NoInfer " +
    "NonNullable Omit OmitThisParameter Parameters Partial Pick PropertyKey Readonly Record " +
    "Required ReturnType ThisParameterType ThisType Uncapitalize Uppercase").split(" ");

/** Public types of the client library that are meant to be the platform's, across machines. */
const WEB_LOCKS = ["client/types.ts: Lock", "client/web_locks_types.ts: LockManager"];

interface TypeName {
  readonly path: string;
  readonly name: string;
}

const exported: readonly TypeName[] = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/^export (?:abstract )?(?:class|interface|type) (\w+)/gm)]
    .map(([, name]) => ({ path, name: name! }))
);

const declared: readonly TypeName[] = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/^(?:export )?(?:abstract )?(?:class|interface|type) (\w+)/gm)]
    .map(([, name]) => ({ path, name: name! }))
);

Deno.test("no two exported types have one name", () => {
  const groups = Object.entries(Object.groupBy(exported, ({ name }) => name));
  const twice = groups.filter(([, those]) => those!.length > 1)
    .map(([name, those]) => `${name}: ${those!.map(({ path }) => path).join(", ")}`);
  assertEquals(twice, []);
});

Deno.test("no type is named like a built-in one", () => {
  const isBuiltIn = (name: string) => UTILITY_TYPES.includes(name) || name in globalThis;
  const found = declared.filter(({ name }) => isBuiltIn(name));
  const wrong = found.map(({ path, name }) => `${path}: ${name}`);
  assertEquals(wrong.filter((it) => !WEB_LOCKS.includes(it)), []);
});
