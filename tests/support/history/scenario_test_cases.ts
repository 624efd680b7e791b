/**
 * Test cases for the checker: histories written by hand that it accepts, and others with problems.
 */
import { assertEquals, assertMatch } from "../assert.ts";
import { check } from "./checker.ts";
import { Scenario } from "./scenario.ts";

/** Checks a history of a, b and c, which disconnect at the end unless they already have. */
function checkScenario(body: (scenario: Scenario) => void): string[] {
  const scenario = new Scenario();
  scenario.connect("a", "b", "c");
  body(scenario);
  for (const { name, end } of scenario.history.connections) {
    if (end === undefined) scenario.disconnect(name);
  }
  return check(scenario.history);
}

/** Tests that the checker finds no problem in a history. */
export function accepts(title: string, body: (scenario: Scenario) => void): void {
  Deno.test(`check() accepts ${title}`, () => assertEquals(checkScenario(body), []));
}

/** Tests that the checker reports a problem that matches `problem`. */
export function reports(title: string, problem: RegExp, body: (scenario: Scenario) => void): void {
  Deno.test(`check() reports ${title}`, () =>
    assertMatch(checkScenario(body).join("\n") || "no problems", problem));
}

/** A connection acquires a lock without waiting. */
export function take(
  scenario: Scenario,
  connection: string,
  names = "x",
  options = {},
  fields = {},
): void {
  scenario.grant(scenario.request(connection, "acquire", names, options), fields);
}

export const forever = { wait: "forever" } as const;
