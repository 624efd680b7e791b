/** state/ and wire/ are pure: no waiting, no runtime, no clock, no chance, no global state. */
import { assertEquals } from "../support/assert.ts";
import { sources } from "./sources.ts";

const IMPURE =
  /\b(?:async|await|Deno\.|Date\b|performance\b|Math\.random|crypto\.(?:get|random)|set(?:Timeout|Interval)|console\b|fetch\()/;
/** A variable of a module is state that no argument brings in. */
const MODULE_STATE = /^(?:export )?(?:let|var) /m;

/** The source without comments, which may name what the code must not do. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

Deno.test("state/ and wire/ are pure", () => {
  const wrong = sources
    .filter(({ path }) => /^(?:state|wire)\//.test(path))
    .flatMap(({ path, text }) => {
      const found = IMPURE.exec(codeOf(text)) ?? MODULE_STATE.exec(codeOf(text));
      return found === null ? [] : [`${path}: ${found[0]}`];
    });
  assertEquals(wrong, []);
});

Deno.test("nothing but log.ts writes to the terminal", () => {
  const wrong = sources.filter(({ path, text }) =>
    path !== "log.ts" && /\bconsole\.|Deno\.std(?:out|err)/.test(codeOf(text))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("the server has no `using` declarations", () => {
  // The minifier of the executable inlines such a variable when it is used once, and then never
  // disposes of it: a file stays open, and its lock held.
  const wrong = sources.filter(({ path, text }) =>
    !/^(?:cli|client)\//.test(path) && /^\s*(?:await )?using /m.test(codeOf(text))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});
