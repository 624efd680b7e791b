/** The checker on inspections, and on glockd commands. */
import { accepts, reports, take } from "../support/history/scenario_test_cases.ts";

accepts("a description", (scenario) => {
  take(scenario, "a");
  const json = JSON.stringify({
    name: "x",
    mode: "exclusive",
    holders: [{ name: "a", mode: "exclusive", token: 104 }],
    queue: [],
  });
  scenario.reply(scenario.request("b", "describe", "x"), `1 described json=${json}`);
  scenario.release("a", "x");
});

reports("a description with another holder", /it was held by exclusive 104/, (scenario) => {
  take(scenario, "a");
  const json = JSON.stringify({
    name: "x",
    mode: "exclusive",
    holders: [{ name: "b", mode: "exclusive", token: 99 }],
    queue: [],
  });
  scenario.reply(
    scenario.request("b", "describe", "x"),
    `1 described json=${json.replaceAll(",", "\\c")}`,
  );
  scenario.release("a", "x");
});

accepts("glockd commands", (scenario) => {
  const g = scenario.request("a", "g", "x");
  scenario.event({ event: "acquire", name: "x", mode: "exclusive", token: 200, holder: "a" });
  scenario.reply(g, "1 Lock Get Success: x\r");
  scenario.reply(scenario.request("a", "g", "x"), "1 Lock Get Success: x");
  scenario.reply(scenario.request("b", "g", "x"), "0 Lock Get Failure: x\r");
  scenario.reply(scenario.request("b", "i", "x"), "1 Lock Is Locked: x\r");
  const r = scenario.request("a", "r", "x");
  scenario.event({
    event: "release",
    name: "x",
    mode: "exclusive",
    token: 200,
    holder: "a",
    cause: "released",
  });
  scenario.reply(r, "1 Lock Release Success: x");
});

reports(
  "a glockd command that is refused for a free lock",
  /not true at any time between request and reply; it was free/,
  (scenario) => {
    scenario.reply(scenario.request("b", "g", "x"), "0 Lock Get Failure: x\r");
  },
);

reports("an unknown reply", /is not a reply/, (scenario) => {
  scenario.reply(scenario.request("a", "acquire", "x"), "1 Acquired");
});
