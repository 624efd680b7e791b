/** Timeouts of the pool client, against peers that do not answer. */
import { connectPools } from "../../lib/client/mod.ts";
import { ConnectionError, RequestError } from "../../lib/client/errors.ts";
import { LookyClient } from "../../lib/client/pools.ts";
import { assertRejects, assertStringIncludes } from "../support/assert.ts";

Deno.test("a pool request rejects when there is no reply within deadlineSeconds", async () => {
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

Deno.test("close() does not wait for a server that does not answer", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { port } = listener.addr as Deno.NetAddr;
  const pools = await connectPools(`tcp://127.0.0.1:${port}`);
  await pools.close();
  (await accepted).close();
});

Deno.test("close() does not wait for a connection that is being opened", async () => {
  let dials = 0;
  const pools = await LookyClient.open({
    url: "tcp://scripted",
    dial: (signal) => {
      if (++dials === 1) return Promise.resolve(ENDED_LINK);
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    },
  }, {});
  await new Promise((resolve) => setTimeout(resolve, 0));
  const rejected = assertRejects(() => pools.listPools(), ConnectionError, "was closed");
  while (dials < 2) await undefined;
  await pools.close();
  await rejected;
});

const ENDED_LINK = {
  isMessages: false,
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  close: () => {},
};

Deno.test("deadlineSeconds must be in the range of a timer", async () => {
  for (const deadlineSeconds of [-1, NaN, Infinity, 2 ** 31]) {
    await assertRejects(() => connectPools("tcp://127.0.0.1:1", { deadlineSeconds }), RequestError);
  }
});
