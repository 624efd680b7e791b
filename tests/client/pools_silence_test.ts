/** A server of pools that does not answer is given up, whatever it is. */
import { connectPools } from "../../lib/client/mod.ts";
import { ConnectionError } from "../../lib/client/errors.ts";
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
