/** The client of the pools. */
import { assert, assertEquals, rejects } from "./assert.ts";
import type { TestCase } from "./suite.ts";

export const pools: readonly TestCase[] = [
  {
    name: "pools: consume() is sticky, and release() frees the resource",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("phones");
      await client.setResource("pixel", 1, "phones");
      await client.setResource("fold", 1, "phones");
      const first = await client.consume("phones", "job-71");
      assert(first.expires !== undefined && first.expires.getTime() > Date.now());
      assertEquals((await client.consume("phones", "job-71")).resource, first.resource);
      const second = await client.consume("phones", "job-72");
      assertEquals([first.resource, second.resource].toSorted(), ["fold", "pixel"]);
      const error = await rejects(client.consume("phones", "job-73"), t.api.PoolError);
      assertEquals([error.code, error.status], ["no-room", 503]);
      await client.release("phones", "job-71");
      assertEquals((await client.consume("phones", "job-73")).resource, first.resource);
      await client.free(1, "phones");
      await client.clear("phones");
    },
  },
  {
    name: "pools: resources can be changed, frozen, coupled and weighted",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("a");
      await client.addPool("b");
      await client.setResource("r", 2);
      await client.couple("r");
      assertEquals(await client.listResources(), { r: "coupled" });
      await client.decouple("r");
      await client.setUsed("r", 1, "a");
      await client.setRatio("r", 1.5, "a");
      await client.freeze("a", "r");
      assertEquals((await rejects(client.consume("a", "c"), t.api.PoolError)).code, "no-room");
      await client.unfreeze("a", "r");
      await client.setSeed("serial");
      await client.setMode("queued-2", "a");
      await client.setLatency(60, "a");
      assertEquals((await client.consume("a", "c")).resource, "r");
      const text = (await client.ask("print-pool", ["a"])).lines;
      assert(text[0] === "pool a {" && text.at(-1) === "}");
      const { json } = await client.ask("print-pool", ["a"], { native: true });
      assert(JSON.stringify(json).includes('"latency":60'));
      await client.dropResource("r", "a");
      await client.dropPool("a");
      assertEquals(await client.listPools(), ["b"]);
      await client.dropPool("b");
      assertEquals(await client.listPools(), []);
    },
  },
  {
    name: "pools: there is one master, and others are refused",
    run: async (t) => {
      const [master, other] = [await t.pools(), await t.pools()];
      await master.addPool("p");
      await master.setResource("r", 1, "p");
      await master.master();
      await master.lock("r", "p");
      const { hasMaster, isMaster } = await master.status();
      assertEquals([hasMaster, isMaster], [true, true]);
      assertEquals((await rejects(other.setResource("r", 2, "p"), t.api.PoolError)).code, "denied");
      assertEquals((await rejects(other.master(), t.api.PoolError)).code, "conflict");
      await master.unlock("r", "p");
      await master.close();
      await other.setResource("r", 2, "p");
    },
  },
  {
    name: "pools: every refusal has its code, and the connection stays open",
    run: async (t) => {
      const client = await t.pools();
      assertEquals(
        (await rejects(client.consume("nowhere", "c"), t.api.PoolError)).code,
        "unknown",
      );
      await client.addPool("p");
      assertEquals((await rejects(client.addPool("p"), t.api.PoolError)).code, "conflict");
      assertEquals((await rejects(client.ask("no-such"), t.api.PoolError)).code, "error");
      assertEquals((await rejects(client.save(), t.api.PoolError)).code, "conflict");
      for (const word of ["", "a b", "a\u00a0b", "\ud800"]) {
        await rejects(client.consume("p", word), t.api.RequestError);
      }
      await client.setResource("ä€😀", 1, "p");
      assertEquals((await client.consume("p", "Zoë")).resource, "ä€😀");
      assertEquals(Object.keys(await client.listResources()), ["ä€😀"]);
      await client.close();
      await rejects(client.listPools(), t.api.ConnectionError);
    },
  },
  {
    name: "pools: thousands of concurrent requests are answered in order",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("p");
      await client.setResource("r", 5000, "p");
      const consumers = Array.from({ length: 2000 }, (_, i) => `c${i}`);
      const assigned = await Promise.all(consumers.map((name) => client.consume("p", name)));
      assert(assigned.every(({ resource }) => resource === "r"));
      const lines = (await client.ask("print-resource", ["p", "r"])).lines;
      assert(lines.length > consumers.length);
      await Promise.all(consumers.map((name) => client.release("p", name)));
    },
  },
];
