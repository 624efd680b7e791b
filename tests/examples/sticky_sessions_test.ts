/** examples/sticky-sessions.ts: requests of a session go to one backend, through any proxy. */
import { addBackends, proxy } from "../../examples/sticky-sessions.ts";
import { connectPools, type PoolClient } from "../../lib/client/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { urlOf } from "../support/cli.ts";
import { startInner } from "../support/server.ts";

interface Backend extends AsyncDisposable {
  readonly address: string;
}

/** A backend that answers every request with its own address, the path and the body. */
function startBackend(): Backend {
  const handler = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    return new Response(`${address} ${pathname}${search} ${await request.text()}`);
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const address = `127.0.0.1:${server.addr.port}`;
  return { address, [Symbol.asyncDispose]: () => server.shutdown() };
}

interface Answer {
  readonly status: number;
  readonly backend: string;
  readonly rest: string;
  readonly cookie: string;
}

/** Asks through a proxy, as the browser session with that cookie or as a new one. */
async function ask(pools: PoolClient, cookie?: string, body?: string): Promise<Answer> {
  const response = await proxy(
    pools,
    new Request("http://localhost/cart?page=2", {
      method: body === undefined ? "GET" : "POST",
      ...cookie !== undefined && { headers: { cookie: `theme=dark; ${cookie}` } },
      ...body !== undefined && { body },
    }),
  );
  const [backend = "", ...rest] = (await response.text()).split(" ");
  const [given = ""] = response.headers.get("set-cookie")?.split(";") ?? [];
  return { status: response.status, backend, rest: rest.join(" "), cookie: given };
}

Deno.test("proxy() sends a session to one backend, and spreads sessions evenly", async () => {
  await using server = await startInner();
  await using pools = await connectPools(urlOf(server.looky));
  await using otherProxy = await connectPools(urlOf(server.looky));
  await using one = startBackend();
  await using two = startBackend();
  await addBackends(pools, [one.address, two.address]);
  const sessions: Answer[] = [];
  for (let i = 0; i < 10; i++) sessions.push(await ask(pools));
  assertEquals(sessions.filter(({ backend }) => backend === one.address).length, 5);
  assertEquals(sessions.filter(({ backend }) => backend === two.address).length, 5);
  for (const { backend, cookie } of sessions) {
    assertEquals(await ask(pools, cookie), { status: 200, backend, rest: "/cart?page=2 ", cookie });
    assertEquals((await ask(otherProxy, cookie, "a body")).backend, backend);
  }
});

Deno.test("proxy() keeps the sessions of a frozen backend, and sends new ones elsewhere", async () => {
  await using server = await startInner();
  await using pools = await connectPools(urlOf(server.looky));
  await using one = startBackend();
  await using two = startBackend();
  await addBackends(pools, [one.address, two.address]);
  const before = [await ask(pools), await ask(pools)];
  const old = before.find(({ backend }) => backend === one.address);
  assert(old);
  await pools.freeze("app", one.address);
  for (let i = 0; i < 4; i++) assertEquals((await ask(pools)).backend, two.address);
  assertEquals((await ask(pools, old.cookie)).backend, one.address);
});

Deno.test("proxy() answers 503 when every backend is full, until a session has been idle", async () => {
  await using server = await startInner();
  await using pools = await connectPools(urlOf(server.looky));
  await using one = startBackend();
  await addBackends(pools, [one.address], { capacity: 1, idleSeconds: 60 });
  const { cookie } = await ask(pools);
  assertEquals((await ask(pools)).status, 503);
  assertEquals((await ask(pools, cookie)).status, 200);
  server.clock.nowMs += 60_000;
  assertEquals((await ask(pools)).status, 200);
});
