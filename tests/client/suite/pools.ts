/** Pools by the library. */
import { fails, ok, same } from "./check.ts";
import type { Case } from "./suite.ts";

export const pools: readonly Case[] = [
  {
    name: "pools: consume is sticky, release gives back",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("phones");
      await client.setResource("pixel", 1, "phones");
      await client.setResource("fold", 1, "phones");
      const first = await client.consume("phones", "job-71");
      ok(first.expires !== undefined && first.expires.getTime() > Date.now());
      same((await client.consume("phones", "job-71")).resource, first.resource);
      const second = await client.consume("phones", "job-72");
      same([first.resource, second.resource].toSorted(), ["fold", "pixel"]);
      const error = await fails(client.consume("phones", "job-73"), t.api.PoolError);
      same([error.code, error.status], ["no-room", 503]);
      await client.release("phones", "job-71");
      same((await client.consume("phones", "job-73")).resource, first.resource);
      await client.free(1, "phones");
      await client.clear("phones");
    },
  },
  {
    name: "pools: resources are changed, frozen, coupled, weighted",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("a");
      await client.addPool("b");
      await client.setResource("r", 2);
      await client.couple("r");
      same(await client.listResources(), { r: "coupled" });
      await client.decouple("r");
      await client.setUsed("r", 1, "a");
      await client.setRatio("r", 1.5, "a");
      await client.freeze("a", "r");
      same((await fails(client.consume("a", "c"), t.api.PoolError)).code, "no-room");
      await client.unfreeze("a", "r");
      await client.setSeed("serial");
      await client.setMode("queued-2", "a");
      await client.setLatency(60, "a");
      same((await client.consume("a", "c")).resource, "r");
      const text = (await client.ask("print-pool", ["a"])).lines;
      ok(text[0] === "pool a {" && text.at(-1) === "}");
      const { json } = await client.ask("print-pool", ["a"], { native: true });
      ok(JSON.stringify(json).includes('"latency":60'));
      await client.dropResource("r", "a");
      await client.dropPool("a");
      same(await client.listPools(), ["b"]);
      await client.dropPool("b");
      same(await client.listPools(), []);
    },
  },
  {
    name: "pools: one master, and others are refused",
    run: async (t) => {
      const [master, other] = [await t.pools(), await t.pools()];
      await master.addPool("p");
      await master.setResource("r", 1, "p");
      await master.master();
      await master.lock("r", "p");
      const { hasMaster, isMaster } = await master.status();
      same([hasMaster, isMaster], [true, true]);
      same((await fails(other.setResource("r", 2, "p"), t.api.PoolError)).code, "denied");
      same((await fails(other.master(), t.api.PoolError)).code, "conflict");
      await master.unlock("r", "p");
      await master.close();
      await other.setResource("r", 2, "p");
    },
  },
  {
    name: "pools: every refusal has its code, and the client goes on",
    run: async (t) => {
      const client = await t.pools();
      same((await fails(client.consume("nowhere", "c"), t.api.PoolError)).code, "unknown");
      await client.addPool("p");
      same((await fails(client.addPool("p"), t.api.PoolError)).code, "conflict");
      same((await fails(client.ask("no-such"), t.api.PoolError)).code, "error");
      same((await fails(client.save(), t.api.PoolError)).code, "conflict");
      for (const word of ["", "a b", "a\u00a0b", "\ud800"]) {
        await fails(client.consume("p", word), t.api.RequestError);
      }
      await client.setResource("ä€😀", 1, "p");
      same((await client.consume("p", "Zoë")).resource, "ä€😀");
      same(Object.keys(await client.listResources()), ["ä€😀"]);
      await client.close();
      await fails(client.listPools(), t.api.ConnectionError);
    },
  },
  {
    name: "pools: many requests at once are answered in order",
    run: async (t) => {
      const client = await t.pools();
      await client.addPool("p");
      await client.setResource("r", 5000, "p");
      const consumers = Array.from({ length: 2000 }, (_, i) => `c${i}`);
      const given = await Promise.all(consumers.map((name) => client.consume("p", name)));
      ok(given.every(({ resource }) => resource === "r"));
      const lines = (await client.ask("print-resource", ["p", "r"])).lines;
      ok(lines.length > consumers.length);
      await Promise.all(consumers.map((name) => client.release("p", name)));
    },
  },
];
