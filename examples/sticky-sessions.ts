/**
 * Sticky sessions: an HTTP proxy that sends every request of a browser session to the same backend.
 * The session's id, a cookie, is a consumer of the pool `app`; the backends are its resources. Any
 * number of proxies can share the pool, and none of them keeps its own table.
 *
 *     deno run --allow-net examples/sticky-sessions.ts 127.0.0.1:8001 127.0.0.1:8002
 */
import { connectPools, type PoolClient, PoolError } from "../lib/client/mod.ts";

const POOL = "app";
const COOKIE = "session";

/** Creates the pool. A backend takes `capacity` sessions; a session ends after `idleSeconds`. */
export async function addBackends(
  pools: PoolClient,
  backends: readonly string[],
  { capacity = 1000, idleSeconds = 1800 } = {},
): Promise<void> {
  await pools.addPool(POOL).catch((error: unknown) => {
    if (!(error instanceof PoolError && error.code === "conflict")) throw error;
  });
  await pools.setLatency(idleSeconds, POOL);
  for (const backend of backends) await pools.setResource(backend, capacity, POOL);
}

/** Forwards a request to the backend of its session. Answers 503 when every backend is full. */
export async function proxy(pools: PoolClient, request: Request): Promise<Response> {
  const session = sessionOf(request) ?? crypto.randomUUID();
  const backend = await backendOf(pools, session);
  if (backend === undefined) return new Response("All backends are full.\n", { status: 503 });
  const { pathname, search } = new URL(request.url);
  const { method, headers, body } = request;
  const url = `http://${backend}${pathname}${search}`;
  const response = await fetch(url, { method, headers, body, redirect: "manual" });
  const answer = new Response(response.body, response);
  answer.headers.append("set-cookie", `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax`);
  return answer;
}

/** Returns the session's backend: assigned by the first request, renewed by each later request. */
async function backendOf(pools: PoolClient, session: string): Promise<string | undefined> {
  try {
    return (await pools.consume(POOL, session)).resource;
  } catch (error) {
    if (error instanceof PoolError && error.code === "no-room") return undefined;
    throw error;
  }
}

/** Returns the id of the session, if the request has a well-formed cookie. */
function sessionOf(request: Request): string | undefined {
  const cookies = request.headers.get("cookie") ?? "";
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f-]{36})(?:;|$)`).exec(cookies)?.[1];
}

if (import.meta.main) {
  await using pools = await connectPools();
  await addBackends(pools, Deno.args);
  await Deno.serve({ hostname: "127.0.0.1", port: 8000 }, (it) => proxy(pools, it)).finished;
}
