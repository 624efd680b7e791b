/** Waiting for locks against a slow, obvious model: random steps, the same outcomes, queues and news. */
import {
  acquireAll,
  acquireOrWait,
  force,
  type Kind,
  releaseAll,
  renew,
} from "../../../lib/state/locks/acquire.ts";
import { LockEventLog } from "../../../lib/state/locks/event_log.ts";
import { expireDue, leave, resume } from "../../../lib/state/locks/departure.ts";
import { tokenOf } from "../../../lib/state/locks/store.ts";
import {
  acquireShared,
  holderOfName,
  type LockStore,
  newLocks,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import type { Granted, WaitListener } from "../../../lib/state/locks/lock_request.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../../support/random.ts";
import { Replay } from "../../support/replay.ts";
import { WaitsFor } from "../../support/waiting_graph.ts";
import {
  assertWaitingLaws,
  modelView,
  plainNews,
  plainOutcome,
  viewOf,
} from "../../support/waiting_laws.ts";
import { Chance, MODES, NOT_SHARED } from "../../support/waiting_chance.ts";
import { WaitingModel } from "../../support/waiting_model.ts";
import type { Party } from "../../support/waiting_values.ts";

const STEPS = 25_000;
const SESSIONS = 7;
const WAITING_MAX = 5;
/** The last one is too long to stay known among the free ones. */
const NAMES = ["a", "b", "", "__proto__", "x".repeat(257)];

class Run {
  readonly random: () => number;
  readonly chance: Chance;
  readonly locks: LockStore = newLocks();
  readonly model = new WaitingModel();
  readonly replay = new Replay();
  readonly sessions: Party[] = [];
  /** Those whose connection has ended, which only the system knows. */
  readonly #dead = new Set<Party>();
  readonly #left: { owner: number; secret: string }[] = [];
  #owners = 0;
  #lastToken = 0;
  /** What came of it, and how often. */
  readonly seen = new Map<string, number>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.chance = new Chance(this.random, NAMES, seed % 3 > 0 ? MODES : NOT_SHARED);
    if (seed % 2 > 0) this.locks.eventLog = new LockEventLog(() => true);
    for (let i = 0; i < SESSIONS; i++) this.sessions.push(this.#newParty());
  }

  get time(): { nowMs: number } {
    return { nowMs: this.model.nowMs };
  }

  step(): string {
    const party = pick(this.random, this.sessions);
    const chance = this.random();
    if (this.model.waiterOf(party) !== undefined || this.#dead.has(party)) {
      if (chance < 0.03) return this.#leave(party);
      if (chance < 0.05) this.#dead.add(party);
      return chance < 0.3 ? this.#passTime() : "nothing";
    }
    if (chance < 0.45) return this.#acquire(party);
    if (chance < 0.65) return this.#release(party);
    if (chance < 0.69) return this.#renew(party);
    if (chance < 0.71) return this.#force(party);
    if (chance < 0.83) return this.#oldWord(party);
    if (chance < 0.87) return this.#leave(party);
    if (chance < 0.91) return this.#resume(party);
    return this.#passTime();
  }

  #newParty(): Party {
    return { owner: ++this.#owners };
  }

  #acquire(party: Party): string {
    const { model, locks } = this;
    const wish = this.chance.wish();
    const text = `${party.owner} wants ${JSON.stringify(wish)}`;
    if (this.chance.that(0.3)) {
      const outcome = plainOutcome(acquireAll(locks, party.owner, wish, this.time));
      this.#follow(outcome, () => model.acquire(party, wish), text);
      return text;
    }
    const waitMs = this.chance.that(0.6) ? this.chance.duration() : Infinity;
    const ear: WaitListener = { isConnected: () => !this.#dead.has(party), onOutcome: () => {} };
    const raw = acquireOrWait(locks, party.owner, wish, waitMs, WAITING_MAX, ear, this.time);
    const outcome = plainOutcome(raw);
    if (raw.kind === "deadlock") {
      const circle = raw.cycle.map(({ owner }) => this.sessions.find((it) => it.owner === owner)!);
      assertEquals(circle[0], party, text);
      assert(new WaitsFor(model, party, wish).isCycle(circle), text);
    }
    this.#follow(outcome, () => {
      const asked = model.acquire(party, wish);
      if (asked.kind === "acquired") return asked;
      if (new WaitsFor(model, party, wish).hasCycle(party)) return { kind: "deadlock" };
      if (model.waiters.length >= WAITING_MAX) return { kind: "limit", what: "waiting" };
      model.wait(party, wish, waitMs, ear);
      return { kind: "waiting" };
    }, text);
    return text;
  }

  #release(party: Party): string {
    const held = this.model.holdings.filter((it) => it.party === party).map(({ name }) => name);
    const names = held.length > 0 && this.chance.that(0.8)
      ? [pick(this.random, held)]
      : this.chance.names();
    const kind = pick<Kind>(this.random, [undefined, undefined, "exclusive", "shared"]);
    const text = `${party.owner} releases ${JSON.stringify(names)} ${kind}`;
    const outcome = releaseAll(this.locks, party.owner, names, kind, this.time);
    this.#follow(outcome, () => this.model.release(party, names, kind), text);
    return text;
  }

  #renew(party: Party): string {
    const name = pick(this.random, NAMES);
    const own = this.model.holdings.filter((it) => it.party === party && it.name === name);
    if (own.length > 1) return "nothing";
    const leaseMs = this.chance.duration();
    const text = `${party.owner} renews ${name} for ${leaseMs}`;
    const outcome = renew(this.locks, party.owner, name, leaseMs, this.time);
    this.#follow(outcome, () => this.model.renew(party, name, leaseMs), text);
    return text;
  }

  #force(party: Party): string {
    const name = pick(this.random, NAMES);
    const text = `${party.owner} forces ${name}`;
    const outcome = force(this.locks, name, party.owner, "because", this.time);
    this.#follow(outcome, () => this.model.force(name), text);
    return text;
  }

  #oldWord(party: Party): string {
    const { locks, model, time } = this;
    const name = pick(this.random, NAMES);
    const { owner } = party;
    const word = pick(this.random, ["g", "r", "sg", "sr"]);
    const text = `${owner}: ${word} ${name}`;
    const isShared = word.startsWith("s");
    if (word.endsWith("r")) {
      const rule = isShared ? releaseShared : release;
      const kind = isShared ? "shared" : "exclusive";
      const done = () => model.release(party, [name], kind) === 1;
      this.#follow(rule(locks, name, owner, time), done, text);
      return text;
    }
    const mine = model.ownOf(party, name, isShared);
    const isTaken = mine !== undefined || !isShared && model.of(name, false).length > 0;
    const outcome = isShared
      ? acquireShared(locks, name, owner, time)
      : tryAcquire(locks, name, owner, time);
    // What comes of it is in the table; a token has been drawn.
    const own = (isShared ? locks.holders.get(owner)?.shared : locks.exclusive)?.get(name);
    const token = own && tokenOf(own);
    this.#follow(outcome, () => {
      if (!isTaken) model.take(party, name, isShared ? "shared" : "exclusive", this.#fresh(token!));
      if (isShared) return model.of(name, true).length;
      return mine !== undefined ? "already held" : isTaken ? "refused" : "granted";
    }, text);
    return text;
  }

  #leave(party: Party): string {
    const { owner } = party;
    const [how, secret] = [pick(this.random, ["closed", "lost"] as const), `secret ${owner}`];
    const [withGrace, text] = [this.chance.that(0.7), `${owner} leaves (${how})`];
    const facts = {
      how,
      when: this.time,
      name: "",
      address: "",
      secret,
      withGrace,
      withNames: true,
    };
    const { exclusive, shared, names } = leave(this.locks, owner, facts);
    const gone = [names!.exclusive, names!.shared];
    assertEquals([exclusive, shared], gone.map(({ length }) => length), text);
    const sorted = (lists: string[][]) => lists.map((list) => list.toSorted());
    this.#follow(sorted(gone), () => sorted(this.model.leave(party, how, secret, withGrace)), text);
    this.#dead.delete(party);
    this.#left.push({ owner, secret });
    if (this.#left.length > 4) this.#left.shift();
    this.sessions[this.sessions.indexOf(party)] = this.#newParty();
    return text;
  }

  #resume(party: Party): string {
    const { owner, secret } = pick(this.random, [...this.#left, { owner: 0, secret: "" }]);
    const guess = this.chance.that(0.8) ? secret : pick(this.random, ["", "secret x"]);
    const text = `${party.owner} resumes ${owner}`;
    const outcome = resume(this.locks, party.owner, owner, guess, this.time);
    this.replay.follow(this.locks.eventLog?.empty() ?? [], text);
    const kept = this.model.holdings.filter(({ party: its }) =>
      its.owner === owner && outcome !== undefined
    );
    this.replay.handOver(kept, owner, party.owner);
    this.#follow(outcome, () => this.model.resume(party, owner, guess), text);
    return text;
  }

  #passTime(): string {
    this.model.nowMs += this.random() * pick(this.random, [1, 10, 60]);
    const text = `it is ${this.model.nowMs}`;
    assert(expireDue(this.locks, this.time, 1000), text);
    this.#follow(undefined, () => this.model.lapse(), text);
    return text;
  }

  /** Everybody goes, and nothing is left. */
  end(): void {
    for (const party of [...this.sessions]) this.#leave(party);
    this.model.nowMs += 1000;
    this.#passTime();
    while (!cleanUp(this.locks, 1000));
    const { holders, queues, timers, waiting, departures, free, exclusive } = this.locks;
    assertEquals([holders.size, queues.size, timers.size, waiting, departures.length], [
      0,
      0,
      0,
      0,
      0,
    ]);
    assertEquals(free.exclusive.size, exclusive.size);
    assertEquals(this.replay.waiting, 0);
  }

  /** Lets the model follow what a rule has done, and compares what came of it. */
  #follow(outcome: unknown, follow: () => unknown, text: string): void {
    const { model, locks } = this;
    const news = locks.outcomes.splice(0);
    const granted = news.flatMap(({ listener, outcome }) =>
      outcome.kind === "acquired" ? [{ listener, outcome }] : []
    );
    for (const { outcome } of granted) this.#fresh(outcome.token);
    const heard = new Map(granted.map(({ listener, outcome }) => [listener, outcome.token]));
    model.tokenFor = (ear) =>
      ear === undefined ? this.#fresh((outcome as Granted).token) : heard.get(ear)!;
    const expected = follow();
    assertEquals(outcome, expected, text);
    assertEquals(
      new Map(news.map(plainNews)),
      new Map(model.news.map(({ ear, outcome }) => [ear, outcome])),
      text,
    );
    model.news = [];
    for (
      const { kind } of [...news.map(({ outcome }) => outcome), outcome as { kind?: string } ?? {}]
    ) {
      if (kind !== undefined) this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1);
    }
    this.replay.follow(locks.eventLog?.empty() ?? [], text);
    this.#sweepAndCompare(text);
  }

  #fresh(token: number): number {
    assert(token > this.#lastToken, `token ${token} after ${this.#lastToken}`);
    return this.#lastToken = token;
  }

  #sweepAndCompare(text: string): void {
    const { locks, model } = this;
    const isSwept = cleanUp(locks, below(this.random, 4));
    this.replay.follow(locks.eventLog?.empty() ?? [], text);
    for (const name of NAMES) {
      const [holder] = model.of(name, false);
      assertEquals(holderOfName(locks, name)?.owner, holder?.party.owner, text);
    }
    assertWaitingLaws(locks, model, isSwept, text);
    // Looking forgets some of those who have left; often nobody looks.
    if (!this.chance.that(0.3)) return;
    for (const name of NAMES) assertEquals(viewOf(locks, name), modelView(model, name), text);
    if (isSwept && locks.eventLog !== undefined) this.replay.compare(model.holdings, text);
  }
}

/** All that may come of asking. */
const OUTCOMES = ["acquired", "busy", "deadlock", "limit", "timeout", "waiting"];

for (const [index, seed] of someSeeds().entries()) {
  Deno.test(`waiting agrees with a model that looks through lists, run ${index + 1}`, () => {
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) {
      try {
        run.step();
      } catch (cause) {
        throw new Error(`seed ${seed}, step ${step}`, { cause });
      }
    }
    assertEquals([...run.seen.keys()].toSorted(), OUTCOMES, `seed ${seed}`);
    run.end();
  });
}
