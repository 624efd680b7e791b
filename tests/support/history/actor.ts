/**
 * A simulated user of the server: opens one connection after the other. Each sends random requests
 * for a while and then ends in one of all possible ways.
 */
import { below, pick, seededRandom } from "../random.ts";
import type { Addresses } from "../server.ts";
import { Client, type Session } from "./client.ts";
import { acquire, ExpectedHolds, glockdRequest, nextRequest } from "./request_generator.ts";
import { LATE_MS } from "./tolerances.ts";
import { COLD } from "./lock_names.ts";
import type { PlannedRequest, Recorder } from "./recorder.ts";
import { type Ending, EXTENDED_VERBS } from "./types.ts";
import type { Transport } from "./wire.ts";

/** What all actors of a history share. */
export interface ActorContext {
  readonly recorder: Recorder;
  readonly addresses: Addresses;
  /** The number of extended requests to send. */
  requestsLeft: number;
  /** The open connections, so that a failed run can close them. */
  readonly openClients: Set<Client>;
  /** Set when the server has stopped replying. */
  isStuck: boolean;
}

const EXTENDED = new Set<string>(EXTENDED_VERBS);

type PlannedEnding = Exclude<Ending, "taken" | "server"> | "stopped reader" | "takeover";

const PLANNED_ENDINGS: readonly PlannedEnding[] = [
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
/** Longer than the checker allows for a lease to expire. */
const LEASE_TIMEOUT_MS = LATE_MS + 500;
/** The share of connections that use only glockd commands. */
const GLOCKD_CHANCE = 0.06;
/** Rare, because each costs a second without requests. */
const SILENCE_CHANCE = 0.012;

export class Actor {
  readonly #context: ActorContext;
  readonly #id: number;
  readonly #random: () => number;
  readonly #transport: Transport;
  #connections = 0;
  /** A session whose connection has ended; the next one may resume it. */
  #resumable: Session | undefined;

  constructor(context: ActorContext, id: number, seed: number) {
    this.#context = context;
    this.#id = id;
    this.#random = seededRandom(seed * 1000 + id);
    this.#transport = id % 8 === 0 ? "websocket" : id % 3 === 0 ? "unix" : "tcp";
  }

  /** Opens connections until all requests are sent. */
  async run(): Promise<void> {
    while (this.#context.requestsLeft > 0 && !this.#context.isStuck) await this.#runConnection();
  }

  async #runConnection(): Promise<void> {
    const random = this.#random;
    const isGlockd = random() < GLOCKD_CHANCE;
    const client = await this.#connect(isGlockd);
    const expected = new ExpectedHolds();
    await this.#resume(client, expected);
    let left = 10 + below(random, 110);
    while (
      left > 0 && this.#context.requestsLeft > 0 && !client.isClosed && !this.#context.isStuck
    ) {
      const requests = this.#batch(isGlockd, expected);
      if (random() < 0.01) requests.unshift(renameRequest(client.connection.name, random));
      left -= requests.length;
      await this.#request(client, expected, requests);
      if (random() < 0.01) await sleep(below(random, 60)); // for leases
    }
    if (!isGlockd && !client.isClosed) await this.#beforeEnd(client, expected);
    await this.#end(client, expected, isGlockd);
    await client.closed;
    this.#context.openClients.delete(client);
  }

  async #connect(isGlockd: boolean): Promise<Client> {
    const name = `c${this.#id}-${this.#connections++}`;
    const { recorder, addresses, openClients } = this.#context;
    const client = await Client.connect(recorder, addresses, this.#transport, name, isGlockd);
    openClients.add(client);
    return client;
  }

  #batch(isGlockd: boolean, expected: ExpectedHolds): PlannedRequest[] {
    const random = this.#random;
    const count = random() < 0.75 ? 1 : 2 + below(random, 6);
    const requests = Array.from(
      { length: count },
      () => isGlockd ? glockdRequest(random, expected) : nextRequest(random, expected),
    );
    const seen = new Set<string>();
    return requests.filter(({ verb, names }) => {
      if (verb !== "sg") return true;
      const isNew = !seen.has(names[0]!);
      seen.add(names[0]!);
      return isNew;
    });
  }

  async #request(
    client: Client,
    expected: ExpectedHolds,
    requests: readonly PlannedRequest[],
  ): Promise<void> {
    this.#countRequests(requests);
    for (const op of await client.request(requests)) expected.update(op);
  }

  /** Tries to resume the session of the previous connection, sometimes with a wrong secret. */
  async #resume(client: Client, expected: ExpectedHolds): Promise<void> {
    const random = this.#random;
    const previous = this.#resumable;
    this.#resumable = undefined;
    if (previous === undefined || client.session === undefined) return;
    if (random() < 0.3) await sleep(below(random, 120));
    const isRight = random() < 0.75;
    if (!isRight || random() < 0.1) await this.#tryResume(client, previous, false);
    if (!isRight) return;
    const [op] = await this.#tryResume(client, previous, true);
    if (op?.received?.text.startsWith("1 resumed")) expected.hasGrace = true;
  }

  #countRequests(requests: readonly PlannedRequest[]): void {
    this.#context.requestsLeft -= requests.filter(({ verb }) => EXTENDED.has(verb)).length;
  }

  #tryResume(
    client: Client,
    session: Session,
    rightSecret: boolean,
  ): ReturnType<Client["request"]> {
    // Counts only if the connection is still open.
    if (rightSecret) this.#context.recorder.recordEnd(session.connection, "taken");
    this.#context.requestsLeft--;
    const options = { target: session.connection.name, rightSecret };
    return client.request([{ verb: "resume", names: [], options }], session);
  }

  /** Does what random requests rarely cause: a lease that expires, and a lock with grace. */
  async #beforeEnd(client: Client, expected: ExpectedHolds): Promise<void> {
    const random = this.#random;
    if (random() < 0.08) {
      const name = `lease/${client.connection.name}`;
      const options = { lease: 20 + below(random, 40) };
      await this.#request(client, expected, [{ verb: "acquire", names: [name], options }]);
      if (random() < 0.5) {
        const longer = { lease: 250 + below(random, 100) };
        await this.#request(client, expected, [{ verb: "renew", names: [name], options: longer }]);
      }
      await this.#context.recorder.waitForEvent("release", name, LEASE_TIMEOUT_MS);
      await this.#request(client, expected, [{ verb: "release", names: [name], options: {} }]);
    }
    if (random() < 0.4) {
      const options = { grace: 10 + below(random, 150) };
      await this.#request(client, expected, [{
        verb: "acquire",
        names: [pick(random, COLD)],
        options,
      }]);
    }
  }

  async #end(client: Client, expected: ExpectedHolds, isGlockd: boolean): Promise<void> {
    if (client.isClosed) return;
    const random = this.#random;
    const { session } = client;
    const ending = !isGlockd && random() < SILENCE_CHANCE
      ? "silence"
      : pick(random, PLANNED_ENDINGS);
    if (session !== undefined && ending !== "bye" && (expected.hasGrace || random() < 0.2)) {
      this.#resumable = session;
    }
    const last = (): PlannedRequest[] => random() < 0.5 ? [] : this.#batch(isGlockd, expected);
    switch (ending) {
      case "bye":
        return await (isGlockd ? client.close("close") : client.close("bye", last()));
      case "close":
      case "half-close":
        return await client.close(ending, ending === "close" ? [] : last());
      case "reset":
      case "destroy":
        return await this.#abort(
          client,
          ending,
          isGlockd ? last() : this.#withBlockingAcquire(last()),
        );
      case "silence":
        return await this.#goSilent(client, expected);
      case "stopped reader":
        return await this.#stopReading(client, expected, isGlockd);
      case "takeover":
        return await this.#takeOver(client);
    }
  }

  /**
   * Adds a request that waits, so that most connections abort during a wait; some send more behind
   * it.
   */
  #withBlockingAcquire(last: PlannedRequest[]): PlannedRequest[] {
    const { options, ...request } = acquire(this.#random);
    const waits: PlannedRequest = { ...request, options: { ...options, wait: "forever" } };
    return this.#random() < 0.5 ? [...last, waits] : [waits, ...last];
  }

  async #abort(
    client: Client,
    how: "reset" | "destroy",
    last: readonly PlannedRequest[],
  ): Promise<void> {
    this.#countRequests(last);
    if (this.#random() < 0.5) return await client.abort(how, last);
    client.send(last);
    await sleep(below(this.#random, 4)); // so that the server has begun with them
    await client.abort(how);
  }

  /** Lets the server's idle timeout end the connection. Holds only a rarely used lock meanwhile. */
  async #goSilent(client: Client, expected: ExpectedHolds): Promise<void> {
    const random = this.#random;
    const names = expected.names;
    for (const name of names) {
      await this.#request(client, expected, [{ verb: "release", names: [name], options: {} }]);
    }
    await this.#request(client, expected, [acquire(random, [pick(random, COLD)])]);
    await this.#request(client, expected, [{
      verb: "deadline",
      names: [],
      options: { seconds: 1 },
    }]);
    await client.goSilent();
  }

  /** Requests more replies than the sockets buffer; does not read for a while, or never reads. */
  async #stopReading(client: Client, expected: ExpectedHolds, isGlockd: boolean): Promise<void> {
    const random = this.#random;
    client.setPaused(true);
    const verb = isGlockd ? "i" : "describe";
    const names = [pick(random, COLD)];
    const requests = Array.from(
      { length: 40 },
      (): PlannedRequest => ({ verb, names, options: {} }),
    );
    this.#countRequests(requests);
    if (random() < 0.5) {
      client.send(requests);
      await sleep(below(random, 20));
      return await client.abort(random() < 0.5 ? "reset" : "destroy");
    }
    const sent = client.request([...requests, ...this.#batch(isGlockd, expected)]);
    await sleep(below(random, 20));
    client.setPaused(false);
    for (const op of await sent) expected.update(op);
    await client.close("close");
  }

  /** Resumes the session on another connection while this one is open. */
  async #takeOver(client: Client): Promise<void> {
    const { session } = client;
    this.#resumable = undefined;
    if (session === undefined) return await client.close("close");
    const successor = await this.#connect(false);
    await this.#tryResume(successor, session, true);
    await client.abort("destroy"); // in case nothing was kept and it is still open
    await successor.close("close");
    this.#context.openClients.delete(successor);
  }
}

function renameRequest(connection: string, random: () => number): PlannedRequest {
  return { verb: "iam", names: [`${connection}~${below(random, 1000)}`], options: {} };
}

/** Gives the server's timers time to run; nothing depends on whether they have. */
function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
