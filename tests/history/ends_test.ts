/** The checker on releases: leases, disconnects, grace, resume, release and force requests. */
import type { Scenario } from "../support/history/scenario.ts";
import { accepts, reports, take } from "../support/history/scenario_test_cases.ts";

/** The lease of a, 100 ms long, expires after `afterMs`. */
function expire(scenario: Scenario, afterMs: number): void {
  take(scenario, "a", "x", { lease: 100 });
  scenario.nowMs += afterMs;
  scenario.releaseEvent("a", "x", "expired");
}

accepts("a lease that expires on time", (scenario) => expire(scenario, 100));
reports(
  "a lease that expires too early",
  /too early: its lease ends 40 ms later/,
  (scenario) => expire(scenario, 60),
);
reports(
  "a lease that expires too late",
  /its lease had ended 99900 ms before/,
  (scenario) => expire(scenario, 100_000),
);

reports(
  "a renewed lease that expires at its old time",
  /too early: its lease ends \d+ ms later/,
  (scenario) => {
    take(scenario, "a", "x", { lease: 1000 });
    scenario.nowMs += 600;
    scenario.reply(scenario.request("a", "renew", "x", { lease: 1000 }), "1 renewed");
    take(scenario, "b", "y");
    scenario.nowMs += 700;
    scenario.releaseEvent("a", "x", "expired");
    scenario.release("b", "y");
  },
);

reports(
  "a lock that is released after its connection has ended",
  /x is still held after the end of a, without grace/,
  (scenario) => {
    take(scenario, "a");
    scenario.disconnect("a");
    take(scenario, "b", "y");
    scenario.release("b", "y");
    scenario.releaseEvent("a", "x", "closed");
  },
);

/** a disconnects while it holds x with a grace of 100 ms; the server releases x after `afterMs`. */
function grace(scenario: Scenario, afterMs: number): void {
  take(scenario, "a", "x", { grace: 100 });
  scenario.disconnect("a", "reset", "lost");
  scenario.nowMs += afterMs;
  take(scenario, "b", "y");
  scenario.release("b", "y");
  scenario.releaseEvent("a", "x", "lost");
}

accepts("a release at the end of the grace", (scenario) => grace(scenario, 100));
reports(
  "a grace that ends too early",
  /too early: its grace of 100 ms had 50 ms left/,
  (scenario) => grace(scenario, 50),
);
reports(
  "a grace that ends too late",
  /too late: its grace was over/,
  (scenario) => grace(scenario, 10_000),
);

reports(
  "a lock with grace that is released at once",
  /its grace of 100 ms was dropped/,
  (scenario) => {
    take(scenario, "a", "x", { grace: 100 });
    scenario.startDisconnect("a", "reset");
    scenario.releaseEvent("a", "x", "lost");
    scenario.releaseEvent("a", "own/a", "lost");
  },
);

/** b resumes the session of a, for which x is kept. */
function resume(scenario: Scenario, rightSecret: boolean, count: number): void {
  take(scenario, "a", "x", { grace: 100 });
  scenario.disconnect("a", "close");
  const resume = scenario.request("b", "resume", "", { target: "a", rightSecret });
  scenario.reply(resume, `1 resumed count=${count}`);
  scenario.nowMs += 500;
  const release = scenario.request("b", "release", "x");
  scenario.event({
    event: "release",
    name: "x",
    mode: "exclusive",
    token: 104,
    holder: "b",
    cause: "released",
  });
  scenario.reply(release, "1 released count=1");
}

accepts("a resume", (scenario) => resume(scenario, true, 1));
reports(
  "a resume of more locks than were kept",
  /not true at any time between request and reply; 1 locks were kept/,
  (scenario) => resume(scenario, true, 2),
);
reports(
  "a resume with a wrong secret",
  /the secret was wrong/,
  (scenario) => resume(scenario, false, 1),
);

reports(
  "`gone` although a lock is kept",
  /not true at any time between request and reply; 1 locks were kept/,
  (scenario) => {
    take(scenario, "a", "x", { grace: 100 });
    scenario.disconnect("a", "close");
    const resume = scenario.request("b", "resume", "", { target: "a", rightSecret: true });
    scenario.reply(resume, "0 gone");
    scenario.nowMs += 100;
    take(scenario, "b", "y");
    scenario.release("b", "y");
    scenario.releaseEvent("a", "x", "closed");
  },
);

reports(
  "a release with the wrong cause",
  /the connection ended by a reset/,
  (scenario) => scenario.disconnect("a", "reset", "closed"),
);
reports("a disconnect without a reason", /a has not ended/, (scenario) => {
  scenario.releaseEvent("a", "own/a", "closed");
  take(scenario, "b");
  scenario.release("b", "x");
  scenario.startDisconnect("a");
});

reports("a release event without a request", /a has not sent a matching request/, (scenario) => {
  take(scenario, "a");
  scenario.releaseEvent("a", "x", "released");
});

reports("a release reply without an event", /0 release events came/, (scenario) => {
  take(scenario, "a");
  scenario.reply(scenario.request("a", "release", "x"), "1 released count=1");
  scenario.disconnect("a");
  scenario.releaseEvent("a", "x", "closed");
});

reports("a release of only some names", /1 release events came/, (scenario) => {
  take(scenario, "a", "x y");
  const release = scenario.request("a", "release", "x y");
  scenario.releaseEvent("a", "x", "released");
  scenario.reply(release, "1 released count=2");
  scenario.disconnect("a");
  scenario.releaseEvent("a", "y", "closed");
});

reports(
  "`not-held` for a lock that is held",
  /not true at any time between request and reply; not held: none/,
  (scenario) => {
    take(scenario, "a");
    scenario.reply(scenario.request("a", "release", "x"), "0 not-held names=x");
    scenario.disconnect("a");
    scenario.releaseEvent("a", "x", "closed");
  },
);

accepts("a force that releases exclusive and shared holders", (scenario) => {
  take(scenario, "a");
  take(scenario, "b", "x", { mode: "shared" });
  const force = scenario.request("c", "force", "x");
  scenario.event({ event: "force", name: "x", by: "c", why: "#5", count: 2 });
  scenario.releaseEvent("a", "x", "forced");
  scenario.releaseEvent("b", "x", "forced", "shared");
  scenario.reply(force, "1 forced count=2");
});

reports("a force that leaves a holder", /1 holders of x are left after the force/, (scenario) => {
  take(scenario, "a");
  take(scenario, "b", "x", { mode: "shared" });
  const force = scenario.request("c", "force", "x");
  scenario.event({ event: "force", name: "x", by: "c", why: "#5", count: 2 });
  scenario.releaseEvent("a", "x", "forced");
  scenario.reply(force, "1 forced count=2");
  scenario.release("b", "x", "shared");
});
