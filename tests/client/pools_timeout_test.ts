/** A server of pools that does not answer is given up, whatever it is. */
import { connectPools } from "../../lib/client/mod.ts";
import { ConnectionError, RequestError } from "../../lib/client/errors.ts";
import { LookyClient } from "../../lib/client/pools.ts";
import { assertRejects, assertStringIncludes } from "../support/assert.ts";

Deno.test("who answers nothing is given up after the deadline", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { port } = listener.addr as Deno.NetAddr;
  const pools = await connectPools(`tcp://127.0.0.1:${port}`, {
    deadlineSeconds: 0.05,
    reconnect: false,
  });
  const error = await assertRejects(() => pools.consume("lab", "me"), ConnectionError);
  assertStringIncludes((error as Error).message, "does not answer");
  await pools.close();
  (await accepted).close();
});

Deno.test("closing does not wait for one who answers nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { port } = listener.addr as Deno.NetAddr;
  const pools = await connectPools(`tcp://127.0.0.1:${port}`);
  await pools.close();
  (await accepted).close();
});

Deno.test("closing does not wait for a connection that does not come about", async () => {
  let dialled = 0;
  const pools = await LookyClient.open({
    url: "tcp://played",
    dial: (signal) => {
      if (++dialled === 1) return Promise.resolve(LINK_AT_ITS_END);
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    },
  }, {});
  await new Promise((resolve) => setTimeout(resolve, 0));
  const asked = assertRejects(() => pools.listPools(), ConnectionError, "was closed");
  while (dialled < 2) await undefined;
  await pools.close();
  await asked;
});

const LINK_AT_ITS_END = {
  isMessages: false,
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  close: () => {},
};

Deno.test("a deadline is a number of seconds that timers know", async () => {
  for (const deadlineSeconds of [-1, NaN, Infinity, 2 ** 31]) {
    await assertRejects(() => connectPools("tcp://127.0.0.1:1", { deadlineSeconds }), RequestError);
  }
});
