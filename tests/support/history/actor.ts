/**
 * One of the many who use the server: one connection after the other, each asking by chance for a
 * while and then ending in one of all the ways there are.
 */
import { below, pick, seededRandom } from "../random.ts";
import type { Places } from "../server.ts";
import { Client, type Session } from "./client.ts";
import { acquire, Belief, draft, oldWord } from "./drafts.ts";
import { LATE_MS } from "./margins.ts";
import { COLD } from "./names.ts";
import type { Draft, Recorder } from "./recorder.ts";
import { type Ending, EXTENDED_VERBS } from "./types.ts";
import type { Transport } from "./wire.ts";

/** What all actors of a history share. */
export interface Play {
  readonly recorder: Recorder;
  readonly places: Places;
  /** How many requests in the new words are still to be made. */
  left: number;
  /** The connections that are alive, for who must end them. */
  readonly alive: Set<Client>;
  /** Set when nothing comes any more. */
  isStuck: boolean;
}

const NEW = new Set<string>(EXTENDED_VERBS);

type Way = Exclude<Ending, "taken" | "server"> | "stopped reader" | "takeover";

const WAYS: readonly Way[] = [
  "bye",
  "bye",
  "close",
  "close",
  "half-close",
  "half-close",
  "reset",
  "reset",
  "destroy",
  "destroy",
  "takeover",
  "stopped reader",
];
/** Longer than the checker allows for the end of a lease. */
const LEASE_PATIENCE_MS = LATE_MS + 500;
/** So many connections speak the old words only. */
const OLD_CHANCE = 0.06;
/** Such a one costs a second, in which nothing is asked. */
const SILENCE_CHANCE = 0.012;

export class Actor {
  readonly #play: Play;
  readonly #id: number;
  readonly #random: () => number;
  readonly #transport: Transport;
  #lives = 0;
  /** A session whose connection is over: it may be resumed. */
  #kept: Session | undefined;

  constructor(play: Play, id: number, seed: number) {
    this.#play = play;
    this.#id = id;
    this.#random = seededRandom(seed * 1000 + id);
    this.#transport = id % 8 === 0 ? "websocket" : id % 3 === 0 ? "unix" : "tcp";
  }

  /** Lives until enough was asked. */
  async run(): Promise<void> {
    while (this.#play.left > 0 && !this.#play.isStuck) await this.#live();
  }

  async #live(): Promise<void> {
    const random = this.#random;
    const isOld = random() < OLD_CHANCE;
    const client = await this.#begin(isOld);
    const belief = new Belief();
    await this.#resume(client, belief);
    let asks = 10 + below(random, 110);
    while (asks > 0 && this.#play.left > 0 && !client.isOver && !this.#play.isStuck) {
      const drafts = this.#batch(isOld, belief);
      if (random() < 0.01) drafts.unshift(newName(client.life.name, random));
      asks -= drafts.length;
      await this.#ask(client, belief, drafts);
      if (random() < 0.01) await pauseMs(below(random, 60)); // for leases
    }
    if (!isOld && !client.isOver) await this.#beforeEnd(client, belief);
    await this.#end(client, belief, isOld);
    await client.over;
    this.#play.alive.delete(client);
  }

  async #begin(isOld: boolean): Promise<Client> {
    const name = `c${this.#id}-${this.#lives++}`;
    const { recorder, places, alive } = this.#play;
    const client = await Client.begin(recorder, places, this.#transport, name, isOld);
    alive.add(client);
    return client;
  }

  #batch(isOld: boolean, belief: Belief): Draft[] {
    const random = this.#random;
    const count = random() < 0.75 ? 1 : 2 + below(random, 6);
    const drafts = Array.from(
      { length: count },
      () => isOld ? oldWord(random, belief) : draft(random, belief),
    );
    const again = new Set<string>();
    return drafts.filter(({ verb, names }) => {
      if (verb !== "sg") return true;
      const isNew = !again.has(names[0]!);
      again.add(names[0]!);
      return isNew;
    });
  }

  async #ask(client: Client, belief: Belief, drafts: readonly Draft[]): Promise<void> {
    this.#spend(drafts);
    for (const op of await client.ask(drafts)) belief.learn(op);
  }

  /** Takes back what the connection before had kept, with or without luck. */
  async #resume(client: Client, belief: Belief): Promise<void> {
    const random = this.#random;
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined || client.session === undefined) return;
    if (random() < 0.3) await pauseMs(below(random, 120));
    const isRight = random() < 0.75;
    if (!isRight || random() < 0.1) await this.#tryResume(client, kept, false);
    if (!isRight) return;
    const [op] = await this.#tryResume(client, kept, true);
    if (op?.got?.text.startsWith("1 resumed")) belief.hasGrace = true;
  }

  #spend(drafts: readonly Draft[]): void {
    this.#play.left -= drafts.filter(({ verb }) => NEW.has(verb)).length;
  }

  #tryResume(client: Client, session: Session, rightSecret: boolean): ReturnType<Client["ask"]> {
    if (rightSecret) this.#play.recorder.end(session.life, "taken"); // if it lives
    this.#play.left--;
    const options = { target: session.life.name, rightSecret };
    return client.ask([{ verb: "resume", names: [], options }], session);
  }

  /** What seldom happens by chance: a lease that ends, and something to be kept. */
  async #beforeEnd(client: Client, belief: Belief): Promise<void> {
    const random = this.#random;
    if (random() < 0.08) {
      const name = `lease/${client.life.name}`;
      const options = { lease: 20 + below(random, 40) };
      await this.#ask(client, belief, [{ verb: "acquire", names: [name], options }]);
      if (random() < 0.5) {
        const longer = { lease: 250 + below(random, 100) };
        await this.#ask(client, belief, [{ verb: "renew", names: [name], options: longer }]);
      }
      await this.#play.recorder.until("release", name, LEASE_PATIENCE_MS);
      await this.#ask(client, belief, [{ verb: "release", names: [name], options: {} }]);
    }
    if (random() < 0.4) {
      const options = { grace: 10 + below(random, 150) };
      await this.#ask(client, belief, [{ verb: "acquire", names: [pick(random, COLD)], options }]);
    }
  }

  async #end(client: Client, belief: Belief, isOld: boolean): Promise<void> {
    if (client.isOver) return;
    const random = this.#random;
    const { session } = client;
    const way = !isOld && random() < SILENCE_CHANCE ? "silence" : pick(random, WAYS);
    if (session !== undefined && way !== "bye" && (belief.hasGrace || random() < 0.2)) {
      this.#kept = session;
    }
    const last = (): Draft[] => random() < 0.5 ? [] : this.#batch(isOld, belief);
    switch (way) {
      case "bye":
        return await (isOld ? client.leave("close") : client.leave("bye", last()));
      case "close":
      case "half-close":
        return await client.leave(way, way === "close" ? [] : last());
      case "reset":
      case "destroy":
        return await this.#vanish(client, way, isOld ? last() : this.#wanting(last()));
      case "silence":
        return await this.#fallSilent(client, belief);
      case "stopped reader":
        return await this.#stopReading(client, belief, isOld);
      case "takeover":
        return await this.#takeOver(client);
    }
  }

  /** Most vanish while they wait, and many have asked for something behind that. */
  #wanting(last: Draft[]): Draft[] {
    const { options, ...wanted } = acquire(this.#random);
    const waits: Draft = { ...wanted, options: { ...options, wait: "forever" } };
    return this.#random() < 0.5 ? [...last, waits] : [waits, ...last];
  }

  async #vanish(client: Client, how: "reset" | "destroy", last: readonly Draft[]): Promise<void> {
    this.#spend(last);
    if (this.#random() < 0.5) return await client.vanish(how, last);
    client.tell(last);
    await pauseMs(below(this.#random, 4)); // so that the server has begun with it
    await client.vanish(how);
  }

  /** Lets the server end it; holds only what few want, lest nothing else happens meanwhile. */
  async #fallSilent(client: Client, belief: Belief): Promise<void> {
    const random = this.#random;
    const names = belief.names;
    for (const name of names) {
      await this.#ask(client, belief, [{ verb: "release", names: [name], options: {} }]);
    }
    await this.#ask(client, belief, [acquire(random, [pick(random, COLD)])]);
    await this.#ask(client, belief, [{ verb: "deadline", names: [], options: { seconds: 1 } }]);
    await client.silence();
  }

  /** Asks for more than the sockets hold and reads nothing for a while, or for good. */
  async #stopReading(client: Client, belief: Belief, isOld: boolean): Promise<void> {
    const random = this.#random;
    client.pause(true);
    const verb = isOld ? "i" : "describe";
    const names = [pick(random, COLD)];
    const drafts = Array.from({ length: 40 }, (): Draft => ({ verb, names, options: {} }));
    this.#spend(drafts);
    if (random() < 0.5) {
      client.tell(drafts);
      await pauseMs(below(random, 20));
      return await client.vanish(random() < 0.5 ? "reset" : "destroy");
    }
    const asked = client.ask([...drafts, ...this.#batch(isOld, belief)]);
    await pauseMs(below(random, 20));
    client.pause(false);
    for (const op of await asked) belief.learn(op);
    await client.leave("close");
  }

  /** Another connection resumes the session while this one is alive. */
  async #takeOver(client: Client): Promise<void> {
    const { session } = client;
    this.#kept = undefined;
    if (session === undefined) return await client.leave("close");
    const heir = await this.#begin(false);
    await this.#tryResume(heir, session, true);
    await client.vanish("destroy"); // in case nothing was kept and it lives on
    await heir.leave("close");
    this.#play.alive.delete(heir);
  }
}

function newName(life: string, random: () => number): Draft {
  return { verb: "iam", names: [`${life}~${below(random, 1000)}`], options: {} };
}

/** Time for the server's clock to do something; nothing depends on whether it has. */
function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
