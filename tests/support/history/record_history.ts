/** Makes a history: many actors and a watcher against one server, from its start to its emptiness. */
import { readLine, valueOf } from "../../../lib/wire/extended.ts";
import { LineClient } from "../line_client.ts";
import { PATIENCE_MS } from "../peer.ts";
import type { ProgramServer } from "../server.ts";
import { Actor, type Play } from "./actor.ts";
import { Client } from "./client.ts";
import { ALL } from "./names.ts";
import { Recorder } from "./recorder.ts";
import { describeOp, EXTENDED_VERBS, type History, ownLockOf } from "./types.ts";
import { connect, type Wire } from "./wire.ts";

export interface Plan {
  readonly seed: number;
  readonly connections: number;
  /** Requests to make, those in the old words not counted. */
  readonly requests: number;
  /** So long nothing may come while somebody waits for something; only a failing server is so slow. */
  readonly patienceMs: number;
}

/** The most names of one acquire. */
const NAMES_MAX = 64;
/** The one that comes when all have gone. */
const LAST = "last";

/** Runs the actors until they have asked enough and have gone; then the server must be empty. */
export async function makeHistory(server: ProgramServer, plan: Plan): Promise<History> {
  const recorder = new Recorder();
  const watcher = await watch(server, recorder);
  const play: Play = {
    recorder,
    places: server,
    left: plan.requests,
    alive: new Set(),
    isStuck: false,
  };
  const guard = setInterval(() => giveUpIfStuck(play, plan.patienceMs), 200);
  try {
    const actors = Array.from(
      { length: plan.connections },
      (_, id) => new Actor(play, id, plan.seed),
    );
    await Promise.all(actors.map((actor) => actor.run().catch((error) => giveUp(play, error))));
  } finally {
    clearInterval(guard);
  }
  await expectEmpty(server, recorder);
  watcher.destroy();
  return recorder.history;
}

/** Requests in the new words. */
export function countExtended({ ops }: History): number {
  const verbs = new Set<string>(EXTENDED_VERBS);
  return ops.filter(({ verb }) => verbs.has(verb)).length;
}

async function watch(server: ProgramServer, recorder: Recorder): Promise<Wire> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let replies = 0;
  const line = (text: string): void => {
    if (replies >= 2) recorder.watch(text);
    else if (++replies === 2) resolve();
  };
  const watcher = await connect(server, "unix", { line, end: () => {} });
  watcher.send(["hello name=watcher\n", "watch\n"]);
  await promise;
  return watcher;
}

/** Something went wrong that no client can be right about: the server may have died. */
function giveUp(play: Play, why: unknown): void {
  play.isStuck = true;
  play.recorder.find(String(why));
  for (const client of play.alive) if (!client.isOver) client.vanish("destroy");
}

function giveUpIfStuck(play: Play, patienceMs: number): void {
  const { recorder, alive } = play;
  if (Date.now() - recorder.lastMs < patienceMs || play.isStuck) return;
  const waiting = [...alive].flatMap((client) => client.unanswered.slice(0, 1)).slice(0, 5);
  const ops = waiting.map(describeOp).join("; ");
  giveUp(play, `nothing came for ${patienceMs} ms; unanswered: ${ops}`);
}

/** No lock is left, no waiter, and a stranger gets every lock at once; then it goes, too. */
async function expectEmpty(server: ProgramServer, recorder: Recorder): Promise<void> {
  const left = await untilEmpty(server);
  if (left !== "[]") recorder.find(`when all had gone there was still ${left}`);
  const last = await Client.begin(recorder, server, "tcp", LAST, false);
  for (let from = 0; from < ALL.length; from += NAMES_MAX) {
    const names = ALL.slice(from, from + NAMES_MAX);
    const [op] = await last.ask([{ verb: "acquire", names, options: { mode: "write" } }]);
    const isAtOnce = op?.got?.text.startsWith("1 acquired ") ?? false;
    if (!isAtOnce) recorder.find(`when all had gone: ${op === undefined ? "" : describeOp(op)}`);
  }
  await last.leave("bye");
  const isTold = await recorder.until("release", ownLockOf(LAST), PATIENCE_MS);
  if (!isTold) recorder.find(`the watcher was not told of the last end for ${PATIENCE_MS} ms`);
}

/** What `list` says when it says that there is nothing, or at last. */
async function untilEmpty(server: ProgramServer): Promise<string> {
  using stranger = await LineClient.dial(server.tcp);
  await stranger.ask("hello");
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const reply = await stranger.ask("list");
    const line = readLine(reply);
    const json = line === undefined ? undefined : valueOf(line, "json");
    if (json === "[]" || Date.now() > untilMs) return json ?? reply;
  }
}
