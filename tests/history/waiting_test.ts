/** The checker of histories on waiting: queues, timeouts, deadlocks, refusals. */
import type { Story } from "../support/history/story.ts";
import { bad, forever, good, take } from "../support/history/tales.ts";

bad(
  "last come, first served",
  /granted before one that stands before it: #\d+ b: acquire/,
  (story) => {
    take(story, "a");
    const [b, c] = [
      story.ask("b", "acquire", "x", forever),
      story.ask("c", "acquire", "x", forever),
    ];
    story.waits(b, 1);
    story.waits(c, 2);
    story.release("a", "x");
    story.acquired(c, { previous: "released", holder: "a" });
    story.release("c", "x");
    story.acquired(b, { previous: "released", holder: "c" });
    story.release("b", "x");
  },
);

/** Both wait for a's lock, b first, c with more priority. */
function twoWait(story: Story, serveFirst: "b" | "c"): void {
  take(story, "a");
  const ops = {
    b: story.ask("b", "acquire", "x", forever),
    c: story.ask("c", "acquire", "x", { ...forever, priority: 5 }),
  };
  story.waits(ops.b, 1);
  story.waits(ops.c, 2);
  const second = serveFirst === "b" ? "c" : "b";
  story.release("a", "x");
  story.acquired(ops[serveFirst], { previous: "released", holder: "a" });
  story.release(serveFirst, "x");
  story.acquired(ops[second], { previous: "released", holder: serveFirst });
  story.release(second, "x");
}

good("more priority, first served", (story) => twoWait(story, "c"));
bad(
  "less priority, first served",
  /stands before it: #\d+ c: acquire/,
  (story) => twoWait(story, "b"),
);

bad(
  "a newcomer gets what a waiter is owed",
  /all was free for a waiter .*: #\d+ b: acquire/,
  (story) => {
    take(story, "a");
    const b = story.ask("b", "acquire", "x", forever);
    story.waits(b, 1);
    story.release("a", "x");
    const g = story.ask("c", "g", "x");
    story.event({ event: "acquire", name: "x", mode: "exclusive", token: 200, holder: "c" });
    story.reply(g, "1 Lock Get Success: x\r");
    story.go("b");
    story.go("c");
    story.event({
      event: "release",
      name: "x",
      mode: "exclusive",
      token: 200,
      holder: "c",
      cause: "closed",
    });
  },
);

bad(
  "nobody is served any more",
  /all was free for a waiter that did not get it: #\d+ b/,
  (story) => {
    take(story, "a");
    story.waits(story.ask("b", "acquire", "x", forever), 1);
    story.release("a", "x");
    take(story, "a", "y");
    story.release("a", "y");
  },
);

/** b waits before c and ends; then a gives back. */
function endWaiting(story: Story, isTold: boolean): void {
  take(story, "a");
  const b = story.ask("b", "acquire", "x", forever);
  story.waits(b, 1);
  const c = story.ask("c", "acquire", "x", forever);
  story.waits(c, 2);
  story.ends("b", "destroy");
  if (isTold) story.leaves(b);
  story.releases("b", "own/b", "lost");
  const release = story.ask("a", "release", "x");
  story.releases("a", "x", "released");
  if (isTold) story.acquired(c, { previous: "released", holder: "a" });
  story.reply(release, "1 released count=1");
  if (isTold) story.release("c", "x");
}

good("a waiter that ends is no longer before others", (story) => endWaiting(story, true));
bad(
  "a dead waiter keeps its place",
  /b has gone and still waits/,
  (story) => endWaiting(story, false),
);

bad("a waiter that leaves by itself", /b has done nothing to end/, (story) => {
  take(story, "a");
  const b = story.ask("b", "acquire", "x", forever);
  story.waits(b, 1);
  story.leaves(b);
  story.release("a", "x");
});

bad("a grant for one that has gone", /granted to b, which has gone/, (story) => {
  take(story, "a");
  const b = story.ask("b", "acquire", "x", forever);
  story.waits(b, 1);
  story.go("b", "destroy", "lost");
  story.release("a", "x");
  story.grants(b);
});

/** a waits for what c holds, and gives up. */
function giveUp(story: Story, waitedMs: number, holder = "c"): void {
  take(story, "c");
  const a = story.ask("a", "acquire", "x", { wait: 50 });
  story.waits(a, 1);
  story.nowMs += waitedMs;
  story.timesOut(a, waitedMs);
  story.refuse(a, "timeout", { waited: waitedMs, holder, since: 1_000_000, queue: 0 });
  story.release("c", "x");
}

good("a timeout", (story) => giveUp(story, 51));
bad("a timeout that blames another", /it was held by c since/, (story) => giveUp(story, 51, "b"));
bad("a timeout too early", /too early: it would wait 50 ms/, (story) => giveUp(story, 30));

/** a waits for b and b for a; the second is refused or not. */
function embrace(story: Story, cycle: string | undefined): void {
  take(story, "a");
  take(story, "b", "y");
  const first = story.ask("a", "acquire", "y", forever);
  story.waits(first, 1);
  const second = story.ask("b", "acquire", "x", forever);
  if (cycle === undefined) story.waits(second, 1);
  else story.reply(second, `0 deadlock cycle=${cycle}`);
  story.ends("a");
  story.leaves(first);
  story.releases("a", "x", "closed");
  story.releases("a", "own/a", "closed");
  story.go("b");
  story.releases("b", "y", "closed");
}

good("a deadlock is refused", (story) => embrace(story, "b,a"));
bad(
  "a deadlock goes unseen",
  /a deadlock that nobody saw: b -> a/,
  (story) => embrace(story, undefined),
);
bad(
  "a cycle of others",
  /never true meanwhile; b did not wait for c/,
  (story) => embrace(story, "b,c"),
);

bad("a deadlock through one ahead goes unseen", /nobody saw: a -> c -> b/, (story) => {
  take(story, "a", "y");
  take(story, "b", "x", { mode: "shared" });
  story.waits(story.ask("b", "acquire", "y", forever), 1);
  story.waits(story.ask("c", "acquire", "x", { ...forever, mode: "write" }), 1);
  story.waits(story.ask("a", "acquire", "x", forever), 2);
});

/** a loses its place before b, who waits for it; it is told so or not. */
function comeIntoCircle(story: Story, isTold: boolean): void {
  take(story, "c", "x", { mode: "read" });
  take(story, "a", "x", { lease: 100 });
  take(story, "a", "y");
  const both = story.ask("b", "acquire", "x y", { ...forever, mode: "write" });
  story.waits(both, 1);
  const waits = story.ask("a", "acquire", "x", { ...forever, mode: "write" });
  story.waits(waits, 2);
  story.nowMs += 100;
  story.releases("a", "x", "expired");
  if (isTold) {
    story.leaves(waits);
    story.reply(waits, "0 deadlock cycle=a,b");
  }
  story.release("c", "x", "read");
  if (!isTold) return;
  story.release("a", "y");
  story.acquired(both, { previous: "expired,released", holder: "a,a" });
  story.release("b", "x", "write");
  story.release("b", "y", "write");
}

good(
  "who comes into a circle by the end of a lease is told",
  (story) => comeIntoCircle(story, true),
);
bad(
  "the end of a lease closes a circle that nobody sees",
  /nobody saw: a -> b/,
  (story) => comeIntoCircle(story, false),
);

bad("a deadlock that is none", /never true meanwhile; a did not wait/, (story) => {
  take(story, "a");
  story.reply(story.ask("b", "acquire", "x", forever), "0 deadlock cycle=b,a");
  story.release("a", "x");
});

bad("waiting for nothing", /made to wait for nothing/, (story) => {
  const a = story.ask("a", "acquire", "x", forever);
  story.waits(a, 1);
  story.acquired(a);
  story.release("a", "x");
});

/** a is told that x is busy, with these values. */
function beBusy(story: Story, values: Record<string, string | number>): void {
  take(story, "c");
  const busy = story.ask("a", "acquire", "x");
  story.refuse(busy, "busy", { holder: "c", since: story.nowMs, why: "#3", queue: 0, ...values });
  story.release("c", "x");
}

good("busy", (story) => beBusy(story, {}));
bad(
  "busy with a wrong queue",
  /never true meanwhile; 0 waited/,
  (story) => beBusy(story, { queue: 2 }),
);
bad(
  "busy with a wrong holder",
  /it was held by c since/,
  (story) => beBusy(story, { holder: "b" }),
);

bad("busy though it was free", /never true meanwhile; all was free/, (story) => {
  take(story, "c");
  story.release("c", "x");
  const busy = story.ask("a", "acquire", "x");
  story.refuse(busy, "busy", { holder: "c", since: story.nowMs, why: "#3", queue: 0 });
  take(story, "b");
  story.release("b", "x");
});
