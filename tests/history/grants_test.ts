/** The checker on grants: conflicting modes, tokens, counts and previous holders. */
import { accepts, forever, reports, take } from "../support/history/scenario_test_cases.ts";

accepts("a wait that ends with a grant after the release", (scenario) => {
  take(scenario, "a");
  const waits = scenario.request("b", "acquire", "x", forever);
  scenario.waitEvent(waits, 1);
  scenario.nowMs += 20;
  const release = scenario.request("a", "release", "x");
  scenario.releaseEvent("a", "x", "released");
  scenario.grant(waits, { waited: 20, previous: "released", holder: "a" });
  scenario.reply(release, "1 released count=1");
  scenario.release("b", "x");
});

reports(
  "two exclusive holders",
  /granted while it is held by a \(exclusive, token \d+\)/,
  (scenario) => {
    take(scenario, "a");
    take(scenario, "b");
    scenario.release("a", "x");
    scenario.release("b", "x");
  },
);

accepts("an exclusive and a shared holder of one name", (scenario) => {
  take(scenario, "a");
  take(scenario, "b", "x", { mode: "shared" });
  scenario.release("a", "x");
  scenario.release("b", "x", "shared");
});

reports("a writer beside a reader", /granted while it is held by a \(read/, (scenario) => {
  take(scenario, "a", "x", { mode: "read" });
  take(scenario, "b", "x", { mode: "write" });
  scenario.release("a", "x", "read");
  scenario.release("b", "x", "write");
});

reports("a reader beside a writer", /granted while it is held by a \(write/, (scenario) => {
  take(scenario, "a", "x", { mode: "write" });
  take(scenario, "b", "x", { mode: "read" });
  scenario.release("a", "x", "write");
  scenario.release("b", "x", "read");
});

accepts("a single reader that becomes the writer", (scenario) => {
  take(scenario, "a", "x", { mode: "read" });
  take(scenario, "a", "x", { mode: "write" });
  scenario.disconnect("a");
  scenario.event({
    event: "release",
    name: "x",
    mode: "read",
    token: 104,
    holder: "a",
    cause: "closed",
  });
  scenario.event({
    event: "release",
    name: "x",
    mode: "write",
    token: 105,
    holder: "a",
    cause: "closed",
  });
});

reports("one holder more than max", /held by a .* at most 1 may/, (scenario) => {
  take(scenario, "a", "x", { mode: "shared" });
  take(scenario, "b", "x", { mode: "shared", max: 1 }, { count: "2" });
  scenario.release("a", "x", "shared");
  scenario.release("b", "x", "shared");
});

reports("a wrong count", /the count should be 2/, (scenario) => {
  take(scenario, "a", "x", { mode: "shared" });
  take(scenario, "b", "x", { mode: "shared" }, { count: "1" });
  scenario.release("a", "x", "shared");
  scenario.release("b", "x", "shared");
});

accepts("a grant of several names with one token", (scenario) => {
  take(scenario, "a", "x y");
  const release = scenario.request("a", "release", "x y");
  scenario.releaseEvent("a", "x", "released");
  scenario.releaseEvent("a", "y", "released");
  scenario.reply(release, "1 released count=2");
});

reports(
  "a grant of only one of several names",
  /only 1 of its names were granted|y not granted/,
  (scenario) => {
    take(scenario, "a", "x y", {}, { names: ["x"] });
    scenario.release("a", "x");
  },
);

reports(
  "a grant of several names that another grant interrupts",
  /y not granted with the rest/,
  (scenario) => {
    const a = scenario.request("a", "acquire", "x y", forever);
    scenario.grantEvent(a, { names: ["x"] });
    take(scenario, "b", "z");
    scenario.release("b", "z");
    scenario.grant(a, { names: ["y"] });
    scenario.disconnect("a");
  },
);

reports("a token that is issued twice", /the token does not increase/, (scenario) => {
  take(scenario, "a");
  scenario.setNextToken(104);
  take(scenario, "b", "y");
  scenario.release("a", "x");
  scenario.release("b", "y");
});

reports("a wrong cause in previous", /previous should be closed/, (scenario) => {
  take(scenario, "c");
  scenario.disconnect("c");
  scenario.releaseEvent("c", "x", "closed");
  take(scenario, "a", "x", {}, { previous: "released", holder: "c" });
  scenario.release("a", "x");
});

reports("a wrong previous holder", /previous-holder should be c/, (scenario) => {
  take(scenario, "c");
  scenario.release("c", "x");
  take(scenario, "a", "x", {}, { previous: "released", holder: "b" });
  scenario.release("a", "x");
});

accepts("a grant without previous after a shared hold", (scenario) => {
  take(scenario, "c", "x", { mode: "shared" });
  scenario.release("c", "x", "shared");
  take(scenario, "a");
  scenario.release("a", "x");
});

accepts("a repeated acquire with the same token", (scenario) => {
  take(scenario, "a");
  scenario.reply(
    scenario.request("a", "acquire", "x"),
    "1 acquired token=104 count=1 waited=0 previous=none",
  );
  scenario.release("a", "x");
});

reports("a repeated acquire with another token", /x was held with token 104/, (scenario) => {
  take(scenario, "a");
  scenario.reply(
    scenario.request("a", "acquire", "x"),
    "1 acquired token=105 count=1 waited=0 previous=none",
  );
  scenario.release("a", "x");
});
