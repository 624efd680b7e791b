/** Records a history: many actors and a watcher use one server until all have left. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { LineClient } from "../line_client.ts";
import { TIMEOUT_MS } from "../peer.ts";
import type { ProgramServer } from "../server.ts";
import { Actor, type ActorContext } from "./actor.ts";
import { Client } from "./client.ts";
import { ALL } from "./lock_names.ts";
import { Recorder } from "./recorder.ts";
import { describeOp, EXTENDED_VERBS, type History, ownLockOf } from "./types.ts";
import { connect, type Wire } from "./wire.ts";

export interface RecordOptions {
  readonly seed: number;
  readonly connections: number;
  /** The number of extended requests to send; glockd commands are not counted. */
  readonly requests: number;
  /** How long the server may send nothing while requests wait; only a failing server is so slow. */
  readonly timeoutMs: number;
}

/** The maximum of names in one acquire request. */
const NAMES_MAX = 64;
/** The name of the client that connects after all others have left. */
const LAST = "last";

/** Runs the actors until all requests are sent, then checks that the server holds no locks. */
export async function recordHistory(
  server: ProgramServer,
  options: RecordOptions,
): Promise<History> {
  const recorder = new Recorder();
  const watcher = await watch(server, recorder);
  const context: ActorContext = {
    recorder,
    addresses: server,
    requestsLeft: options.requests,
    openClients: new Set(),
    isStuck: false,
  };
  const guard = setInterval(() => abortIfStuck(context, options.timeoutMs), 200);
  try {
    const actors = Array.from(
      { length: options.connections },
      (_, id) => new Actor(context, id, options.seed),
    );
    await Promise.all(actors.map((actor) => actor.run().catch((error) => abort(context, error))));
  } finally {
    clearInterval(guard);
  }
  await expectEmpty(server, recorder);
  watcher.destroy();
  return recorder.history;
}

/** Returns the number of extended requests. */
export function countExtended({ ops }: History): number {
  const verbs = new Set<string>(EXTENDED_VERBS);
  return ops.filter(({ verb }) => verbs.has(verb)).length;
}

async function watch(server: ProgramServer, recorder: Recorder): Promise<Wire> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let replies = 0;
  const onLine = (text: string): void => {
    if (replies >= 2) recorder.recordEvent(text);
    else if (++replies === 2) resolve();
  };
  const watcher = await connect(server, "unix", { onLine, onEnd: () => {} });
  watcher.send(["hello name=watcher\n", "watch\n"]);
  await promise;
  return watcher;
}

/** Ends the run after a failure that no client can handle: the server may have died. */
function abort(context: ActorContext, why: unknown): void {
  context.isStuck = true;
  context.recorder.addProblem(String(why));
  for (const client of context.openClients) if (!client.isClosed) client.abort("destroy");
}

function abortIfStuck(context: ActorContext, timeoutMs: number): void {
  const { recorder, openClients } = context;
  if (Date.now() - recorder.lastActivityMs < timeoutMs || context.isStuck) return;
  const waiting = [...openClients].flatMap((client) => client.unanswered.slice(0, 1)).slice(0, 5);
  const ops = waiting.map(describeOp).join("; ");
  abort(context, `the server sent nothing for ${timeoutMs} ms; unanswered: ${ops}`);
}

/** Checks that no lock and no waiter is left, and that a new client gets every lock at once. */
async function expectEmpty(server: ProgramServer, recorder: Recorder): Promise<void> {
  const left = await untilEmpty(server);
  if (left !== "[]") recorder.addProblem(`locks are left after all clients have ended: ${left}`);
  const last = await Client.connect(recorder, server, "tcp", LAST, false);
  for (let from = 0; from < ALL.length; from += NAMES_MAX) {
    const names = ALL.slice(from, from + NAMES_MAX);
    const [op] = await last.request([{ verb: "acquire", names, options: { mode: "write" } }]);
    const isAtOnce = op?.received?.text.startsWith("1 acquired ") ?? false;
    if (!isAtOnce) {
      recorder.addProblem(
        `a lock is not free after all clients have ended: ${
          op === undefined ? "" : describeOp(op)
        }`,
      );
    }
  }
  await last.close("bye");
  const isReported = await recorder.waitForEvent("release", ownLockOf(LAST), TIMEOUT_MS);
  if (!isReported) {
    recorder.addProblem(
      `the watcher received no event of the last disconnect for ${TIMEOUT_MS} ms`,
    );
  }
}

/** Returns the last JSON of `list`: as soon as it is empty, or after a timeout. */
async function untilEmpty(server: ProgramServer): Promise<string> {
  using client = await LineClient.dial(server.tcp);
  await client.ask("hello");
  const untilMs = Date.now() + TIMEOUT_MS;
  for (;;) {
    const reply = await client.ask("list");
    const line = readLine(reply);
    const json = line === undefined ? undefined : valueOf(line, "json");
    if (json === "[]" || Date.now() > untilMs) return json ?? reply;
  }
}
