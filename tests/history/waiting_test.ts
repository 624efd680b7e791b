/** The checker on waits: queues, timeouts, deadlocks and refusals. */
import type { Scenario } from "../support/history/scenario.ts";
import { accepts, forever, reports, take } from "../support/history/scenario_test_cases.ts";

reports(
  "a grant to the last waiter first",
  /granted before a waiter ahead of it: #\d+ b: acquire/,
  (scenario) => {
    take(scenario, "a");
    const [b, c] = [
      scenario.request("b", "acquire", "x", forever),
      scenario.request("c", "acquire", "x", forever),
    ];
    scenario.waitEvent(b, 1);
    scenario.waitEvent(c, 2);
    scenario.release("a", "x");
    scenario.grant(c, { previous: "released", holder: "a" });
    scenario.release("c", "x");
    scenario.grant(b, { previous: "released", holder: "c" });
    scenario.release("b", "x");
  },
);

/** b and c wait for the lock of a; c came later, but has a higher priority. */
function waitWithPriority(scenario: Scenario, grantedFirst: "b" | "c"): void {
  take(scenario, "a");
  const ops = {
    b: scenario.request("b", "acquire", "x", forever),
    c: scenario.request("c", "acquire", "x", { ...forever, priority: 5 }),
  };
  scenario.waitEvent(ops.b, 1);
  scenario.waitEvent(ops.c, 2);
  const second = grantedFirst === "b" ? "c" : "b";
  scenario.release("a", "x");
  scenario.grant(ops[grantedFirst], { previous: "released", holder: "a" });
  scenario.release(grantedFirst, "x");
  scenario.grant(ops[second], { previous: "released", holder: grantedFirst });
  scenario.release(second, "x");
}

accepts(
  "a grant to the waiter with the higher priority",
  (scenario) => waitWithPriority(scenario, "c"),
);
reports(
  "a grant to the waiter with the lower priority",
  /a waiter ahead of it: #\d+ c: acquire/,
  (scenario) => waitWithPriority(scenario, "b"),
);

reports(
  "a grant to a new request instead of a waiter",
  /a waiter could be granted, but was not: #\d+ b: acquire/,
  (scenario) => {
    take(scenario, "a");
    const b = scenario.request("b", "acquire", "x", forever);
    scenario.waitEvent(b, 1);
    scenario.release("a", "x");
    const g = scenario.request("c", "g", "x");
    scenario.event({ event: "acquire", name: "x", mode: "exclusive", token: 200, holder: "c" });
    scenario.reply(g, "1 Lock Get Success: x\r");
    scenario.disconnect("b");
    scenario.disconnect("c");
    scenario.event({
      event: "release",
      name: "x",
      mode: "exclusive",
      token: 200,
      holder: "c",
      cause: "closed",
    });
  },
);

reports(
  "a waiter that is not granted a free lock",
  /a waiter could be granted, but was not: #\d+ b/,
  (scenario) => {
    take(scenario, "a");
    scenario.waitEvent(scenario.request("b", "acquire", "x", forever), 1);
    scenario.release("a", "x");
    take(scenario, "a", "y");
    scenario.release("a", "y");
  },
);

/** b waits before c and ends; then a releases the lock. */
function endWaiting(scenario: Scenario, isRefused: boolean): void {
  take(scenario, "a");
  const b = scenario.request("b", "acquire", "x", forever);
  scenario.waitEvent(b, 1);
  const c = scenario.request("c", "acquire", "x", forever);
  scenario.waitEvent(c, 2);
  scenario.startDisconnect("b", "destroy");
  if (isRefused) scenario.leaveEvent(b);
  scenario.releaseEvent("b", "own/b", "lost");
  const release = scenario.request("a", "release", "x");
  scenario.releaseEvent("a", "x", "released");
  if (isRefused) scenario.grant(c, { previous: "released", holder: "a" });
  scenario.reply(release, "1 released count=1");
  if (isRefused) scenario.release("c", "x");
}

accepts(
  "a waiter that leaves the queue when its connection ends",
  (scenario) => endWaiting(scenario, true),
);
reports(
  "a waiter that stays queued after its connection has ended",
  /b has ended but still waits/,
  (scenario) => endWaiting(scenario, false),
);

reports("a waiter that leaves although its connection is open", /b has not ended/, (scenario) => {
  take(scenario, "a");
  const b = scenario.request("b", "acquire", "x", forever);
  scenario.waitEvent(b, 1);
  scenario.leaveEvent(b);
  scenario.release("a", "x");
});

reports("a grant to a connection that has ended", /granted to b, which has ended/, (scenario) => {
  take(scenario, "a");
  const b = scenario.request("b", "acquire", "x", forever);
  scenario.waitEvent(b, 1);
  scenario.disconnect("b", "destroy", "lost");
  scenario.release("a", "x");
  scenario.grantEvent(b);
});

/** a waits for a lock of c until its wait times out. */
function timeOut(scenario: Scenario, waitedMs: number, holder = "c"): void {
  take(scenario, "c");
  const a = scenario.request("a", "acquire", "x", { wait: 50 });
  scenario.waitEvent(a, 1);
  scenario.nowMs += waitedMs;
  scenario.timeoutEvent(a, waitedMs);
  scenario.refuse(a, "timeout", { waited: waitedMs, holder, since: 1_000_000, queue: 0 });
  scenario.release("c", "x");
}

accepts("a timeout", (scenario) => timeOut(scenario, 51));
reports(
  "a timeout with a wrong holder",
  /it was held by c since/,
  (scenario) => timeOut(scenario, 51, "b"),
);
reports(
  "a timeout that comes too early",
  /too early: its wait limit is 50 ms/,
  (scenario) => timeOut(scenario, 30),
);

/** a waits for b, then b for a; the second request is refused if `cycle` is given. */
function deadlock(scenario: Scenario, cycle: string | undefined): void {
  take(scenario, "a");
  take(scenario, "b", "y");
  const first = scenario.request("a", "acquire", "y", forever);
  scenario.waitEvent(first, 1);
  const second = scenario.request("b", "acquire", "x", forever);
  if (cycle === undefined) scenario.waitEvent(second, 1);
  else scenario.reply(second, `0 deadlock cycle=${cycle}`);
  scenario.startDisconnect("a");
  scenario.leaveEvent(first);
  scenario.releaseEvent("a", "x", "closed");
  scenario.releaseEvent("a", "own/a", "closed");
  scenario.disconnect("b");
  scenario.releaseEvent("b", "y", "closed");
}

accepts("a deadlock that is refused", (scenario) => deadlock(scenario, "b,a"));
reports(
  "a deadlock that is not detected",
  /undetected deadlock: b -> a/,
  (scenario) => deadlock(scenario, undefined),
);
reports(
  "a deadlock with a wrong cycle",
  /not true at any time between request and reply; b did not wait for c/,
  (scenario) => deadlock(scenario, "b,c"),
);

reports(
  "an undetected deadlock through a waiter ahead",
  /undetected deadlock: a -> c -> b/,
  (scenario) => {
    take(scenario, "a", "y");
    take(scenario, "b", "x", { mode: "shared" });
    scenario.waitEvent(scenario.request("b", "acquire", "y", forever), 1);
    scenario.waitEvent(scenario.request("c", "acquire", "x", { ...forever, mode: "write" }), 1);
    scenario.waitEvent(scenario.request("a", "acquire", "x", forever), 2);
  },
);

/** The lease of a expires, so it waits behind b, which waits for a; a is refused or not. */
function closeCycleByExpiry(scenario: Scenario, isRefused: boolean): void {
  take(scenario, "c", "x", { mode: "read" });
  take(scenario, "a", "x", { lease: 100 });
  take(scenario, "a", "y");
  const both = scenario.request("b", "acquire", "x y", { ...forever, mode: "write" });
  scenario.waitEvent(both, 1);
  const waits = scenario.request("a", "acquire", "x", { ...forever, mode: "write" });
  scenario.waitEvent(waits, 2);
  scenario.nowMs += 100;
  scenario.releaseEvent("a", "x", "expired");
  if (isRefused) {
    scenario.leaveEvent(waits);
    scenario.reply(waits, "0 deadlock cycle=a,b");
  }
  scenario.release("c", "x", "read");
  if (!isRefused) return;
  scenario.release("a", "y");
  scenario.grant(both, { previous: "expired,released", holder: "a,a" });
  scenario.release("b", "x", "write");
  scenario.release("b", "y", "write");
}

accepts(
  "a refusal when the end of a lease closes a cycle",
  (scenario) => closeCycleByExpiry(scenario, true),
);
reports(
  "an undetected cycle that the end of a lease closes",
  /undetected deadlock: a -> b/,
  (scenario) => closeCycleByExpiry(scenario, false),
);

reports(
  "a deadlock without a cycle",
  /not true at any time between request and reply; a did not wait/,
  (scenario) => {
    take(scenario, "a");
    scenario.reply(scenario.request("b", "acquire", "x", forever), "0 deadlock cycle=b,a");
    scenario.release("a", "x");
  },
);

reports("a wait for a free lock", /had to wait although it could be granted/, (scenario) => {
  const a = scenario.request("a", "acquire", "x", forever);
  scenario.waitEvent(a, 1);
  scenario.grant(a);
  scenario.release("a", "x");
});

/** a requests x, which c holds, and gets `busy` with these values. */
function refuseBusy(scenario: Scenario, values: Record<string, string | number>): void {
  take(scenario, "c");
  const busy = scenario.request("a", "acquire", "x");
  scenario.refuse(busy, "busy", {
    holder: "c",
    since: scenario.nowMs,
    why: "#3",
    queue: 0,
    ...values,
  });
  scenario.release("c", "x");
}

accepts("busy", (scenario) => refuseBusy(scenario, {}));
reports(
  "busy with a wrong queue length",
  /not true at any time between request and reply; 0 waited/,
  (scenario) => refuseBusy(scenario, { queue: 2 }),
);
reports(
  "busy with a wrong holder",
  /it was held by c since/,
  (scenario) => refuseBusy(scenario, { holder: "b" }),
);

reports(
  "busy for a free lock",
  /not true at any time between request and reply; all names were free/,
  (scenario) => {
    take(scenario, "c");
    scenario.release("c", "x");
    const busy = scenario.request("a", "acquire", "x");
    scenario.refuse(busy, "busy", { holder: "c", since: scenario.nowMs, why: "#3", queue: 0 });
    take(scenario, "b");
    scenario.release("b", "x");
  },
);
