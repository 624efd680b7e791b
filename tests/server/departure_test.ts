/** The departure of an owner of thousands of locks: they are free at once, and cleaned up in steps. */
import { assert, assertEquals } from "../support/assert.ts";
import { LineClient } from "../support/line_client.ts";
import { startInner } from "../support/server.ts";

const LOCKS = 4_000;

Deno.test("all locks of a departure are free at once, and a listing shows none of them", async () => {
  await using server = await startInner();
  const arrival = server.events.nextConnection();
  const rich = new LineClient(await Deno.connect(server.tcp));
  const address = await arrival;
  using asking = new LineClient(await Deno.connect(server.tcp));
  using listing = new LineClient(await Deno.connect(server.tcp));
  const lines = Array.from({ length: LOCKS }, (_, i) => [`g ${i}`, `sg ${i}`]).flat();
  for (let at = 0; at < lines.length; at += 1000) {
    await rich.askAll(lines.slice(at, at + 1000).join("\n"));
  }
  rich[Symbol.dispose]();
  await server.events.until(`${address} disconnected`);
  const asked = ["i 0", `i ${LOCKS - 1}`, `si ${LOCKS - 1}`, "g 7", "sg 7", "si 7", "i 7"];
  const counted = listing.askAll("q");
  assertEquals(await asking.askAll(asked.join("\n")), [
    "0 Lock Not Locked: 0",
    `0 Lock Not Locked: ${LOCKS - 1}`,
    `0 Shared Lock Not Locked: ${LOCKS - 1}`,
    "1 Lock Get Success: 7",
    "1 Shared Lock Get Success: 7",
    "1 Shared Lock Is Locked: 7",
    "1 Lock Is Locked: 7",
  ]);
  const counts = new Map((await counted).map((line) => line.split(": ") as [string, string]));
  assertEquals([counts.get("orphans"), counts.get("shared_orphans")], [`${LOCKS}`, `${LOCKS}`]);
  // At most the locks taken since then.
  for (const name of ["locks", "shared_locks"]) assert(Number(counts.get(name)) <= 1, name);
  const [, holder] = (await asking.ask("me")).split(" ");
  const maps = [`map[7:${holder}]`, `map[7:[${holder}]]`];
  assertEquals(await asking.askAll("dump\ndump shared"), maps);
});
