/** The checker of histories on grants: who may hold what together, tokens, counts, who was before. */
import { bad, forever, good, take } from "../support/history/tales.ts";

good("take, wait, give, take", (story) => {
  take(story, "a");
  const waits = story.ask("b", "acquire", "x", forever);
  story.waits(waits, 1);
  story.nowMs += 20;
  const release = story.ask("a", "release", "x");
  story.releases("a", "x", "released");
  story.acquired(waits, { waited: 20, previous: "released", holder: "a" });
  story.reply(release, "1 released count=1");
  story.release("b", "x");
});

bad("two exclusive holders", /granted while it is held by a \(exclusive, token \d+\)/, (story) => {
  take(story, "a");
  take(story, "b");
  story.release("a", "x");
  story.release("b", "x");
});

good("exclusive and shared ignore each other", (story) => {
  take(story, "a");
  take(story, "b", "x", { mode: "shared" });
  story.release("a", "x");
  story.release("b", "x", "shared");
});

bad("a writer beside a reader", /granted while it is held by a \(read/, (story) => {
  take(story, "a", "x", { mode: "read" });
  take(story, "b", "x", { mode: "write" });
  story.release("a", "x", "read");
  story.release("b", "x", "write");
});

bad("a reader beside a writer", /granted while it is held by a \(write/, (story) => {
  take(story, "a", "x", { mode: "write" });
  take(story, "b", "x", { mode: "read" });
  story.release("a", "x", "write");
  story.release("b", "x", "read");
});

good("a reader may become the writer when it is the only one", (story) => {
  take(story, "a", "x", { mode: "read" });
  take(story, "a", "x", { mode: "write" });
  story.go("a");
  story.event({
    event: "release",
    name: "x",
    mode: "read",
    token: 104,
    holder: "a",
    cause: "closed",
  });
  story.event({
    event: "release",
    name: "x",
    mode: "write",
    token: 105,
    holder: "a",
    cause: "closed",
  });
});

bad("one more than max", /held by a .* at most 1 may/, (story) => {
  take(story, "a", "x", { mode: "shared" });
  take(story, "b", "x", { mode: "shared", max: 1 }, { count: "2" });
  story.release("a", "x", "shared");
  story.release("b", "x", "shared");
});

bad("a count that is not so", /the count is 2/, (story) => {
  take(story, "a", "x", { mode: "shared" });
  take(story, "b", "x", { mode: "shared" }, { count: "1" });
  story.release("a", "x", "shared");
  story.release("b", "x", "shared");
});

good("all of several names, one token", (story) => {
  take(story, "a", "x y");
  const release = story.ask("a", "release", "x y");
  story.releases("a", "x", "released");
  story.releases("a", "y", "released");
  story.reply(release, "1 released count=2");
});

bad("only one of several names", /only 1 of its names were granted|y not granted/, (story) => {
  take(story, "a", "x y", {}, { names: ["x"] });
  story.release("a", "x");
});

bad("one name after the other", /y not granted with the rest/, (story) => {
  const a = story.ask("a", "acquire", "x y", forever);
  story.grants(a, { names: ["x"] });
  take(story, "b", "z");
  story.release("b", "z");
  story.acquired(a, { names: ["y"] });
  story.go("a");
});

bad("a token twice", /the token does not rise/, (story) => {
  take(story, "a");
  story.nextToken(104);
  take(story, "b", "y");
  story.release("a", "x");
  story.release("b", "y");
});

bad("a previous that was not so", /previous is closed/, (story) => {
  take(story, "c");
  story.go("c");
  story.releases("c", "x", "closed");
  take(story, "a", "x", {}, { previous: "released", holder: "c" });
  story.release("a", "x");
});

bad("a previous holder that was not it", /previous-holder is c/, (story) => {
  take(story, "c");
  story.release("c", "x");
  take(story, "a", "x", {}, { previous: "released", holder: "b" });
  story.release("a", "x");
});

good("the end of a shared holding is no previous", (story) => {
  take(story, "c", "x", { mode: "shared" });
  story.release("c", "x", "shared");
  take(story, "a");
  story.release("a", "x");
});

good("the same again, the same token", (story) => {
  take(story, "a");
  story.reply(
    story.ask("a", "acquire", "x"),
    "1 acquired token=104 count=1 waited=0 previous=none",
  );
  story.release("a", "x");
});

bad("the same again, another token", /x was held with token 104/, (story) => {
  take(story, "a");
  story.reply(
    story.ask("a", "acquire", "x"),
    "1 acquired token=105 count=1 waited=0 previous=none",
  );
  story.release("a", "x");
});
