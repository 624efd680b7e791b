/** The checker of histories on looks, and on the old words. */
import { bad, good, take } from "../support/history/tales.ts";

good("a description", (story) => {
  take(story, "a");
  const json = JSON.stringify({
    name: "x",
    mode: "exclusive",
    holders: [{ name: "a", mode: "exclusive", token: 104 }],
    queue: [],
  });
  story.reply(story.ask("b", "describe", "x"), `1 described json=${json}`);
  story.release("a", "x");
});

bad("a description of somebody else's", /it was held by exclusive 104/, (story) => {
  take(story, "a");
  const json = JSON.stringify({
    name: "x",
    mode: "exclusive",
    holders: [{ name: "b", mode: "exclusive", token: 99 }],
    queue: [],
  });
  story.reply(story.ask("b", "describe", "x"), `1 described json=${json.replaceAll(",", "\\c")}`);
  story.release("a", "x");
});

good("the old words", (story) => {
  const g = story.ask("a", "g", "x");
  story.event({ event: "acquire", name: "x", mode: "exclusive", token: 200, holder: "a" });
  story.reply(g, "1 Lock Get Success: x\r");
  story.reply(story.ask("a", "g", "x"), "1 Lock Get Success: x");
  story.reply(story.ask("b", "g", "x"), "0 Lock Get Failure: x\r");
  story.reply(story.ask("b", "i", "x"), "1 Lock Is Locked: x\r");
  const r = story.ask("a", "r", "x");
  story.event({
    event: "release",
    name: "x",
    mode: "exclusive",
    token: 200,
    holder: "a",
    cause: "released",
  });
  story.reply(r, "1 Lock Release Success: x");
});

bad("an old word refused for nothing", /never true meanwhile; it was free/, (story) => {
  story.reply(story.ask("b", "g", "x"), "0 Lock Get Failure: x\r");
});

bad("a reply that nobody knows", /is no reply/, (story) => {
  story.reply(story.ask("a", "acquire", "x"), "1 Acquired");
});
