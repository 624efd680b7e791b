/** Waiting for locks against a slow, obvious model: random steps, the same outcomes and state. */
import {
  acquireAll,
  acquireOrWait,
  force,
  type LockKind,
  releaseAll,
  renew,
} from "../../../lib/state/locks/acquire.ts";
import { cleanUp } from "../../../lib/state/locks/cleanup.ts";
import { expireDue, leave, resume } from "../../../lib/state/locks/departure.ts";
import { LockEventLog } from "../../../lib/state/locks/event_log.ts";
import { tokenOf } from "../../../lib/state/locks/model.ts";
import type { Granted, WaitListener } from "../../../lib/state/locks/outcome.ts";
import {
  acquireShared,
  holderOfName,
  release,
  releaseShared,
  tryAcquire,
} from "../../../lib/state/locks/rules.ts";
import { type LockStore, newLockStore } from "../../../lib/state/locks/store.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { below, pick, seededRandom, someSeeds } from "../../support/random.ts";
import { EventReplay } from "../../support/event_replay.ts";
import { WaitGraph } from "../../support/waiting_graph.ts";
import {
  assertWaitingInvariants,
  modelView,
  plainOutcome,
  plainPending,
  viewOf,
} from "../../support/waiting_invariants.ts";
import { MODES, NOT_SHARED, RandomRequests } from "../../support/waiting_random.ts";
import { WaitingModel } from "../../support/waiting_model.ts";
import * as endings from "../../support/waiting_model_endings.ts";
import type { ModelParty } from "../../support/waiting_types.ts";

const STEPS = 25_000;
const SESSIONS = 7;
const WAITERS_MAX = 5;
/** The last name is too long to keep an entry while it is free. */
const NAMES = ["a", "b", "", "__proto__", "x".repeat(257)];
/** All outcomes of a request. */
const OUTCOMES = ["acquired", "busy", "deadlock", "limit", "timeout", "waiting"];

class Run {
  readonly random: () => number;
  readonly requests: RandomRequests;
  readonly locks: LockStore = newLockStore();
  readonly model = new WaitingModel();
  readonly replay = new EventReplay();
  readonly sessions: ModelParty[] = [];
  /** Sessions whose connection has ended, as only the listener reports so far. */
  readonly #disconnected = new Set<ModelParty>();
  readonly #departed: { owner: number; secret: string }[] = [];
  #owners = 0;
  #lastToken = 0;
  /** How often each kind of outcome occurred. */
  readonly outcomes = new Map<string, number>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.requests = new RandomRequests(this.random, NAMES, seed % 3 > 0 ? MODES : NOT_SHARED);
    if (seed % 2 > 0) this.locks.eventLog = new LockEventLog(() => true);
    for (let i = 0; i < SESSIONS; i++) this.sessions.push(this.#newParty());
  }

  get time(): { nowMs: number } {
    return { nowMs: this.model.nowMs };
  }

  step(): string {
    const party = pick(this.random, this.sessions);
    const chance = this.random();
    if (this.model.waiterOf(party) !== undefined || this.#disconnected.has(party)) {
      if (chance < 0.03) return this.#leave(party);
      if (chance < 0.05) this.#disconnected.add(party);
      return chance < 0.3 ? this.#passTime() : "nothing";
    }
    if (chance < 0.45) return this.#acquire(party);
    if (chance < 0.65) return this.#release(party);
    if (chance < 0.69) return this.#renew(party);
    if (chance < 0.71) return this.#force(party);
    if (chance < 0.83) return this.#runGlockdCommand(party);
    if (chance < 0.87) return this.#leave(party);
    if (chance < 0.91) return this.#resume(party);
    return this.#passTime();
  }

  #newParty(): ModelParty {
    return { owner: ++this.#owners };
  }

  #acquire(party: ModelParty): string {
    const { model, locks, time } = this;
    const { owner } = party;
    const request = this.requests.request();
    const text = `${owner} wants ${JSON.stringify(request)}`;
    if (this.requests.isTrue(0.3)) {
      const outcome = plainOutcome(acquireAll(locks, owner, request, time));
      this.#compare(outcome, () => model.acquire(party, request), text);
      return text;
    }
    const waitMs = this.requests.isTrue(0.6) ? this.requests.duration() : Infinity;
    const listener: WaitListener = this.#listenerOf(party);
    const raw = acquireOrWait(locks, owner, request, waitMs, WAITERS_MAX, listener, time);
    const outcome = plainOutcome(raw);
    if (raw.kind === "deadlock") {
      const cycle = raw.cycle.map(({ owner }) => this.sessions.find((it) => it.owner === owner)!);
      assertEquals(cycle[0], party, text);
      assert(new WaitGraph(model, party, request).isCycle(cycle), text);
    }
    this.#compare(outcome, () => {
      const asked = model.acquire(party, request);
      if (asked.kind === "acquired") return asked;
      if (new WaitGraph(model, party, request).hasCycle(party)) return { kind: "deadlock" };
      if (model.waiters.length >= WAITERS_MAX) return { kind: "limit", limit: "waiters" };
      model.wait(party, request, waitMs, listener);
      return { kind: "waiting" };
    }, text);
    return text;
  }

  #listenerOf(party: ModelParty): WaitListener {
    return { isConnected: () => !this.#disconnected.has(party), onOutcome: () => {} };
  }

  #release(party: ModelParty): string {
    const held = this.model.holds.filter((it) => it.party === party).map(({ name }) => name);
    const names = held.length > 0 && this.requests.isTrue(0.8)
      ? [pick(this.random, held)]
      : this.requests.names();
    const kind = pick<LockKind>(this.random, [undefined, undefined, "exclusive", "shared"]);
    const text = `${party.owner} releases ${JSON.stringify(names)} ${kind}`;
    const outcome = releaseAll(this.locks, party.owner, names, kind, this.time);
    this.#compare(outcome, () => this.model.release(party, names, kind), text);
    return text;
  }

  #renew(party: ModelParty): string {
    const name = pick(this.random, NAMES);
    const own = this.model.holds.filter((it) => it.party === party && it.name === name);
    if (own.length > 1) return "nothing";
    const leaseMs = this.requests.duration();
    const text = `${party.owner} renews ${name} for ${leaseMs}`;
    const outcome = renew(this.locks, party.owner, name, leaseMs, this.time);
    this.#compare(outcome, () => this.model.renew(party, name, leaseMs), text);
    return text;
  }

  #force(party: ModelParty): string {
    const name = pick(this.random, NAMES);
    const text = `${party.owner} forces ${name}`;
    const outcome = force(this.locks, name, party.owner, "because", this.time);
    this.#compare(outcome, () => this.model.force(name), text);
    return text;
  }

  #runGlockdCommand(party: ModelParty): string {
    const { locks, model, time } = this;
    const name = pick(this.random, NAMES);
    const { owner } = party;
    const word = pick(this.random, ["g", "r", "sg", "sr"]);
    const text = `${owner}: ${word} ${name}`;
    const isShared = word.startsWith("s");
    const kind = isShared ? "shared" : "exclusive";
    if (word.endsWith("r")) {
      const rule = isShared ? releaseShared : release;
      const done = () => model.release(party, [name], kind) === 1;
      this.#compare(rule(locks, name, owner, time), done, text);
      return text;
    }
    const mine = model.ownOf(party, name, isShared);
    const isTaken = mine !== undefined || !isShared && model.of(name, false).length > 0;
    const outcome = (isShared ? acquireShared : tryAcquire)(locks, name, owner, time);
    // The token is not in the outcome, only in the table.
    const own = (isShared ? locks.holders.get(owner)?.shared : locks.exclusive)?.get(name);
    this.#compare(outcome, () => {
      if (!isTaken) model.take(party, name, kind, this.#newToken(tokenOf(own!)));
      if (isShared) return model.of(name, true).length;
      return mine !== undefined ? "already held" : isTaken ? "refused" : "granted";
    }, text);
    return text;
  }

  #leave(party: ModelParty): string {
    const { owner } = party;
    const [ending, secret] = [pick(this.random, ["closed", "lost"] as const), `secret ${owner}`];
    const [withGrace, text] = [this.requests.isTrue(0.7), `${owner} leaves (${ending})`];
    const info = { ending, when: this.time, name: "", address: "", secret };
    const options = { ...info, withGrace, withNames: true };
    const { exclusive, shared, names } = leave(this.locks, owner, options);
    const released = [names!.exclusive, names!.shared];
    assertEquals([exclusive, shared], released.map(({ length }) => length), text);
    const sorted = (lists: string[][]) => lists.map((list) => list.toSorted());
    const apply = () => sorted(endings.leave(this.model, party, ending, secret, withGrace));
    this.#compare(sorted(released), apply, text);
    this.#disconnected.delete(party);
    this.#departed.push({ owner, secret });
    if (this.#departed.length > 4) this.#departed.shift();
    this.sessions[this.sessions.indexOf(party)] = this.#newParty();
    return text;
  }

  #resume(party: ModelParty): string {
    const { owner, secret } = pick(this.random, [...this.#departed, { owner: 0, secret: "" }]);
    const guess = this.requests.isTrue(0.8) ? secret : pick(this.random, ["", "secret x"]);
    const text = `${party.owner} resumes ${owner}`;
    const outcome = resume(this.locks, party.owner, owner, guess, this.time);
    this.replay.apply(this.locks.eventLog?.takeAll() ?? [], text);
    const kept = this.model.holds.filter((it) => outcome !== undefined && it.party.owner === owner);
    this.replay.transfer(kept, owner, party.owner);
    this.#compare(outcome, () => endings.resume(this.model, party, owner, guess), text);
    return text;
  }

  #passTime(): string {
    this.model.nowMs += this.random() * pick(this.random, [1, 10, 60]);
    const text = `it is ${this.model.nowMs}`;
    assert(expireDue(this.locks, this.time, 1000), text);
    this.#compare(undefined, () => endings.expireDue(this.model), text);
    return text;
  }

  /** Ends all sessions, and asserts that nothing is left in the table. */
  end(): void {
    for (const party of [...this.sessions]) this.#leave(party);
    this.model.nowMs += 1000;
    this.#passTime();
    while (!cleanUp(this.locks, 1000));
    const { holders, queues, timers, waiterCount, departures, freeHolder, exclusive } = this.locks;
    const sizes = [holders.size, queues.size, timers.size, waiterCount, departures.length];
    assertEquals(sizes, [0, 0, 0, 0, 0]);
    assertEquals(freeHolder.exclusive.size, exclusive.size);
    assertEquals(this.replay.waiterCount, 0);
  }

  /** Applies a step to the model, after the rule has run, and compares the outcomes and the state. */
  #compare(outcome: unknown, apply: () => unknown, text: string): void {
    const { model, locks } = this;
    const pending = locks.outcomes.splice(0);
    const tokens = new Map<WaitListener, number>();
    for (const { listener, outcome } of pending) {
      if (outcome.kind === "acquired") tokens.set(listener, this.#newToken(outcome.token));
    }
    model.tokenFor = (listener) => {
      if (listener !== undefined) return tokens.get(listener) ?? Infinity;
      return this.#newToken((outcome as Granted).token);
    };
    assertEquals(outcome, apply(), text);
    assertEquals(
      new Map(pending.map(plainPending)),
      new Map(model.outcomes.map(({ listener, outcome }) => [listener, outcome])),
      text,
    );
    model.outcomes = [];
    for (const it of [...pending.map(({ outcome }) => outcome), outcome]) {
      const { kind } = it as { kind?: string } ?? {};
      if (kind !== undefined) this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
    }
    this.replay.apply(locks.eventLog?.takeAll() ?? [], text);
    this.#cleanUpAndCompare(text);
  }

  #newToken(token: number): number {
    assert(token > this.#lastToken, `token ${token} after ${this.#lastToken}`);
    return this.#lastToken = token;
  }

  #cleanUpAndCompare(text: string): void {
    const { locks, model } = this;
    const isClean = cleanUp(locks, below(this.random, 4));
    this.replay.apply(locks.eventLog?.takeAll() ?? [], text);
    for (const name of NAMES) {
      const [holder] = model.of(name, false);
      assertEquals(holderOfName(locks, name)?.owner, holder?.party.owner, text);
    }
    assertWaitingInvariants(locks, model, isClean, text);
    // Inspecting removes some stale entries, so most steps do without.
    if (!this.requests.isTrue(0.3)) return;
    for (const name of NAMES) assertEquals(viewOf(locks, name), modelView(model, name), text);
    if (isClean && locks.eventLog !== undefined) this.replay.assertMatches(model.holds, text);
  }
}

for (const [index, seed] of someSeeds().entries()) {
  Deno.test(`the rules of waiting agree with a model made of lists, run ${index + 1}`, () => {
    const run = new Run(seed);
    for (let step = 0; step < STEPS; step++) {
      try {
        run.step();
      } catch (cause) {
        throw new Error(`seed ${seed}, step ${step}`, { cause });
      }
    }
    assertEquals([...run.outcomes.keys()].toSorted(), OUTCOMES, `seed ${seed}`);
    run.end();
  });
}
