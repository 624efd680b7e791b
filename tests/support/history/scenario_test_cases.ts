/** Tests of the checker by histories written by hand: good ones, and bad ones with what it says. */
import { assertEquals, assertMatch } from "../assert.ts";
import { check } from "./checker.ts";
import { Story } from "./story.ts";

/** A history of a, b and c; they go at the end unless they went before. */
function tell(body: (story: Story) => void): string[] {
  const story = new Story();
  story.come("a", "b", "c");
  body(story);
  for (const { name, end } of story.history.lives) if (end === undefined) story.go(name);
  return check(story.history);
}

export function good(title: string, body: (story: Story) => void): void {
  Deno.test(`good: ${title}`, () => assertEquals(tell(body), []));
}

export function bad(title: string, wanted: RegExp, body: (story: Story) => void): void {
  Deno.test(`bad: ${title}`, () => assertMatch(tell(body).join("\n") || "nothing found", wanted));
}

/** A life takes a lock, waiting for nobody. */
export function take(story: Story, life: string, names = "x", options = {}, told = {}): void {
  story.acquired(story.ask(life, "acquire", names, options), told);
}

export const forever = { wait: "forever" } as const;
