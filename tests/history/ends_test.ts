/** The checker of histories on ends: leases, connections, grace, resuming, releases, force. */
import type { Story } from "../support/history/story.ts";
import { bad, good, take } from "../support/history/tales.ts";

/** a's lease ends after a while. */
function expire(story: Story, afterMs: number): void {
  take(story, "a", "x", { lease: 100 });
  story.nowMs += afterMs;
  story.releases("a", "x", "expired");
}

good("a lease", (story) => expire(story, 100));
bad("a lease too short", /too early: its lease ends 40 ms later/, (story) => expire(story, 60));
bad(
  "a lease that never ends",
  /its lease had ended 99900 ms before/,
  (story) => expire(story, 100_000),
);

bad("an expiry before the renewed end", /too early: its lease ends \d+ ms later/, (story) => {
  take(story, "a", "x", { lease: 1000 });
  story.nowMs += 600;
  story.reply(story.ask("a", "renew", "x", { lease: 1000 }), "1 renewed");
  take(story, "b", "y");
  story.nowMs += 700;
  story.releases("a", "x", "expired");
  story.release("b", "y");
});

bad("a lock that outlives its connection", /x outlived a, without grace/, (story) => {
  take(story, "a");
  story.go("a");
  take(story, "b", "y");
  story.release("b", "y");
  story.releases("a", "x", "closed");
});

/** a goes while it holds x with a grace, which ends after a while. */
function grace(story: Story, afterMs: number): void {
  take(story, "a", "x", { grace: 100 });
  story.go("a", "reset", "lost");
  story.nowMs += afterMs;
  take(story, "b", "y");
  story.release("b", "y");
  story.releases("a", "x", "lost");
}

good("grace", (story) => grace(story, 100));
bad("grace cut short", /too early: its grace of 100 ms had 50 left/, (story) => grace(story, 50));
bad("grace without end", /too late: its grace was over/, (story) => grace(story, 10_000));

bad("grace dropped", /its grace of 100 ms was dropped/, (story) => {
  take(story, "a", "x", { grace: 100 });
  story.ends("a", "reset");
  story.releases("a", "x", "lost");
  story.releases("a", "own/a", "lost");
});

/** b takes back what a had kept. */
function resume(story: Story, rightSecret: boolean, count: number): void {
  take(story, "a", "x", { grace: 100 });
  story.go("a", "close");
  const resume = story.ask("b", "resume", "", { target: "a", rightSecret });
  story.reply(resume, `1 resumed count=${count}`);
  story.nowMs += 500;
  const release = story.ask("b", "release", "x");
  story.event({
    event: "release",
    name: "x",
    mode: "exclusive",
    token: 104,
    holder: "b",
    cause: "released",
  });
  story.reply(release, "1 released count=1");
}

good("resume", (story) => resume(story, true, 1));
bad(
  "resume of more than was kept",
  /never true meanwhile; 1 were kept/,
  (story) => resume(story, true, 2),
);
bad("resume with a wrong secret", /the secret was a wrong one/, (story) => resume(story, false, 1));

bad("gone though something was kept", /never true meanwhile; 1 were kept/, (story) => {
  take(story, "a", "x", { grace: 100 });
  story.go("a", "close");
  const resume = story.ask("b", "resume", "", { target: "a", rightSecret: true });
  story.reply(resume, "0 gone");
  story.nowMs += 100;
  take(story, "b", "y");
  story.release("b", "y");
  story.releases("a", "x", "closed");
});

bad(
  "the wrong cause",
  /the connection ended by a reset/,
  (story) => story.go("a", "reset", "closed"),
);
bad("an end that nobody made", /a has done nothing to end/, (story) => {
  story.releases("a", "own/a", "closed");
  take(story, "b");
  story.release("b", "x");
  story.ends("a");
});

bad("a release that nobody asked for", /a has asked for no such thing/, (story) => {
  take(story, "a");
  story.releases("a", "x", "released");
});

bad("a release that never happened", /0 releases were told of/, (story) => {
  take(story, "a");
  story.reply(story.ask("a", "release", "x"), "1 released count=1");
  story.go("a");
  story.releases("a", "x", "closed");
});

bad("only some were given back", /1 releases were told of/, (story) => {
  take(story, "a", "x y");
  const release = story.ask("a", "release", "x y");
  story.releases("a", "x", "released");
  story.reply(release, "1 released count=2");
  story.go("a");
  story.releases("a", "y", "closed");
});

bad("not held though it was", /never true meanwhile; not held: none/, (story) => {
  take(story, "a");
  story.reply(story.ask("a", "release", "x"), "0 not-held names=x");
  story.go("a");
  story.releases("a", "x", "closed");
});

good("force takes both kinds", (story) => {
  take(story, "a");
  take(story, "b", "x", { mode: "shared" });
  const force = story.ask("c", "force", "x");
  story.event({ event: "force", name: "x", by: "c", why: "#5", count: 2 });
  story.releases("a", "x", "forced");
  story.releases("b", "x", "forced", "shared");
  story.reply(force, "1 forced count=2");
});

bad("force leaves one", /1 holders of x outlived the force/, (story) => {
  take(story, "a");
  take(story, "b", "x", { mode: "shared" });
  const force = story.ask("c", "force", "x");
  story.event({ event: "force", name: "x", by: "c", why: "#5", count: 2 });
  story.releases("a", "x", "forced");
  story.reply(force, "1 forced count=2");
  story.release("b", "x", "shared");
});
