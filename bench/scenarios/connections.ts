/**
 * Very many connections: the memory of an idle one, thousands that are reset at once, and thousands
 * that wait for one lock. The clients are connections of this process.
 */
import { Connection, resetAll } from "../clients/connection.ts";
import { nowMs } from "../clients/libc.ts";
import { LockQueue } from "../clients/lock_queue.ts";
import type { Context } from "../options.ts";
import { FigureReport } from "../report/figures.ts";
import { count } from "../report/format.ts";
import type { Section } from "../report/page.ts";
import { settledBytes } from "../servers/proc.ts";
import { affordable, TestBed } from "./test_bed.ts";

const MEMORY_KIB_MAX = 20;
const FREE_MS_MAX = 1000;
const OTHERS_P99_MS_MAX = 50;
const LOCKS_EACH = 10;
/** The first clients, for which the server allocates what it allocates once. */
const WARM_UP = 50;
/** The ports of one address do not suffice for more waiters: those connect by the Unix socket. */
const TCP_CLIENTS_MAX = 25_000;
const LOCK = "queue";

export async function connections(context: Context): Promise<readonly Section[]> {
  const { isQuick, signal } = context;
  const total = affordable(isQuick ? 1_000 : 10_000, context);
  const resetting = Math.min(isQuick ? 500 : 5_000, total);
  const report = new FigureReport();
  await using bed = await TestBed.open(context, report);
  const clients: Connection[] = [];
  using cleanUp = new DisposableStack();
  cleanUp.defer(() => clients.forEach((client) => client.close()));
  while (clients.length < WARM_UP) clients.push(connectHolder(bed, clients.length));
  const before = await settledBytes(bed.server.pid, signal);
  while (clients.length < total) clients.push(connectHolder(bed, clients.length));
  const after = await settledBytes(bed.server.pid, signal);
  const which = `each of ${count(total)} connections with ${LOCKS_EACH} locks`;
  const memory = (after - before) / (total - WARM_UP) / 1024;
  report.add(`memory of ${which}`, memory, "KiB", MEMORY_KIB_MAX);
  const during = `${count(resetting)} connections are reset`;
  const { closedMs, freeMs } = await bed.observe(during, () => {
    const closedMs = resetAll(clients.splice(-resetting));
    const startMs = nowMs();
    bed.awaitLocks(clients.length * LOCKS_EACH);
    return { closedMs, freeMs: closedMs + nowMs() - startMs };
  }, OTHERS_P99_MS_MAX);
  const locks = `their ${count(resetting * LOCKS_EACH)} locks`;
  report.add(`${during}: the last of them after`, closedMs, "ms");
  report.add(`${during}: ${locks} are free after`, freeMs, "ms", FREE_MS_MAX);
  return report.sections();
}

function connectHolder(bed: TestBed, number: number): Connection {
  const connection = new Connection(bed.endpoint("tcp"));
  const requests = Array.from({ length: LOCKS_EACH }, (_, i) => `g host-${number}/lock-${i}\n`);
  connection.send(requests.join(""));
  connection.skipLines(LOCKS_EACH);
  return connection;
}

export async function waiters(context: Context): Promise<readonly Section[]> {
  const { isQuick, signal } = context;
  const total = affordable(isQuick ? 1_000 : 100_000, context);
  const more = total - WARM_UP;
  const report = new FigureReport();
  await using bed = await TestBed.open(context, report);
  const { pid } = bed.server;
  const endpoint = bed.endpoint(total > TCP_CLIENTS_MAX ? "unix" : "tcp");
  using holder = new Connection(endpoint);
  holder.send(`hello\nacquire ${LOCK}\n`);
  holder.skipLines(2);
  using queue = new LockQueue(endpoint, LOCK);
  for (let i = 0; i < WARM_UP; i++) queue.greet(i);
  startWaiting(queue, 0);
  const before = await settledBytes(pid, signal);
  for (let i = WARM_UP; i < total; i++) queue.greet(i);
  const greeted = await settledBytes(pid, signal);

  // The server reads all of their requests ahead of the probe's: its latency has no target here.
  const joining = `${count(more)} clients begin to wait`;
  const joinedMs = await bed.observe(joining, () => startWaiting(queue, WARM_UP));
  report.add(`${joining}: all after`, joinedMs, "ms");
  const full = await settledBytes(pid, signal);
  const which = `each of ${count(total)} waiters, connection included`;
  report.add(`memory of ${which}`, (full - before) / more / 1024, "KiB", MEMORY_KIB_MAX);
  report.add("of that, for its waiting", (full - greeted) / more / 1024, "KiB");

  const leaving = `${count(total >> 1)} waiters are reset`;
  const { closedMs, goneMs } = await bed.observe(
    leaving,
    () => resetHalf(queue),
    OTHERS_P99_MS_MAX,
  );
  report.add(`${leaving}: the last of them after`, closedMs, "ms");
  report.add(`${leaving}: gone after`, goneMs, "ms", FREE_MS_MAX);

  const left = queue.clients.size;
  const granting = `${count(left)} waiters are granted the lock in turn`;
  const grantedMs = await bed.observe(granting, () => grantAll(queue, holder), OTHERS_P99_MS_MAX);
  report.add(`${granting}: all after`, grantedMs, "ms");
  report.add(`${granting}: grants`, left / grantedMs * 1000, "/s");
  return report.sections();
}

/** Makes the clients from number `from` on wait. Returns when all stand in the queue. */
function startWaiting(queue: LockQueue, from: number): number {
  const { clients } = queue;
  const startMs = nowMs();
  for (let i = from; i < clients.size; i++) clients.get(i)!.send(`acquire ${LOCK} wait=forever\n`);
  queue.awaitLength(clients.size);
  return nowMs() - startMs;
}

/** Resets every other waiter. Returns when the queue is as short. */
function resetHalf(queue: LockQueue): { closedMs: number; goneMs: number } {
  const leaving = [...queue.clients].filter(([client]) => client % 2 === 1);
  for (const [client] of leaving) queue.clients.delete(client);
  const closedMs = resetAll(leaving.map(([, connection]) => connection));
  const startMs = nowMs();
  queue.awaitLength(queue.clients.size);
  return { closedMs, goneMs: closedMs + nowMs() - startMs };
}

/** Lets every waiter read its grant and release the lock. */
function grantAll(queue: LockQueue, holder: Connection): number {
  const startMs = nowMs();
  holder.send(`release ${LOCK}\n`);
  for (let left = queue.clients.size; left > 0;) {
    const { client, text } = queue.nextReply();
    if (!text.startsWith("1 acquired ")) continue; // the reply to a release
    queue.clients.get(client)!.send(`release ${LOCK}\n`);
    left--;
  }
  return nowMs() - startMs;
}
