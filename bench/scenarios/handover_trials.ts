/**
 * Clients that wait for a lock and clients that poll for it, while its holder leaves again and again.
 * The clients are connections of this process; a holder that is killed is a process of its own.
 */
import { Connection } from "../clients/connection.ts";
import { block, type Endpoint, nowMs } from "../clients/libc.ts";
import { LockQueue } from "../clients/lock_queue.ts";
import { PacedClients } from "../clients/paced_clients.ts";

const LOCK = "handover";
/** How often each polling client asks. */
const POLL_INTERVAL_MS = 100;
/** How long all is quiet before a hand-over, so that the server sleeps as it would in production. */
const REST_MS = 5;
const STALLED_MS = 10_000;
/** What the next holder is told about the end of the last. */
const ENDINGS = { close: "closed", reset: "lost", kill: "closed" } as const;

/**
 * How a holder leaves: it closes its connection, or resets it, or its process is killed. A `ping` to
 * a server that has slept as long is measured beside them: the rest is what the hand-over takes.
 */
export type Departure = keyof typeof ENDINGS | "ping";

export interface Trial extends Disposable {
  /** Returns milliseconds from the call that ends the holder until the next holder has its grant. */
  handOver(departure: Departure): Promise<number>;
  /** Lets time pass without a hand-over. */
  idle(ms: number): void;
}

/** Clients in the server's wait queue; the holder that leaves is replaced by a new waiter. */
export class WaitingTrial implements Trial {
  readonly #endpoint: Endpoint;
  readonly #queue: LockQueue;
  #holder = 0;

  constructor(endpoint: Endpoint, waiters: number) {
    this.#endpoint = endpoint;
    this.#queue = new LockQueue(endpoint, LOCK);
    this.#queue.greet(this.#holder).ask(`acquire ${LOCK}`);
    for (let i = 1; i <= waiters; i++) this.#queue.enqueue(i);
  }

  async handOver(departure: Departure): Promise<number> {
    if (departure === "kill") return await this.#kill();
    const leaving = this.#holder;
    const connection = this.#queue.clients.get(leaving)!;
    if (departure === "reset") connection.resetOnClose();
    block(REST_MS);
    const startMs = nowMs();
    if (departure === "ping") {
      this.#queue.observer.ask("ping");
      return nowMs() - startMs;
    }
    connection.close();
    const ms = this.#readGrant(departure) - startMs;
    this.#queue.enqueue(leaving);
    return ms;
  }

  /** Gives the lock to a process that waits ahead of all others, and kills it. */
  async #kill(): Promise<number> {
    await using process = startHolder(this.#endpoint);
    this.#queue.awaitLength(this.#queue.clients.size);
    const holder = this.#queue.clients.get(this.#holder)!;
    holder.ask(`release ${LOCK}\nacquire ${LOCK} wait=forever`);
    const output = process.stdout.getReader();
    // It has read its grant: with unread bytes its end would be a reset.
    if ((await output.read()).done) throw new Error("Cannot kill the holder: it has ended");
    block(REST_MS);
    const startMs = nowMs();
    process.kill("SIGKILL");
    const ms = this.#readGrant("kill") - startMs;
    await output.cancel();
    return ms;
  }

  /** Returns when the next holder has read its grant. */
  #readGrant(departure: keyof typeof ENDINGS): number {
    const { client, text, atMs } = this.#queue.nextReply();
    if (!text.startsWith("1 acquired ") || !text.includes(` previous=${ENDINGS[departure]}`)) {
      throw new Error(`After ${departure} the next client was told: ${text.trimEnd()}`);
    }
    this.#holder = client;
    return atMs;
  }

  idle(ms: number): void {
    block(ms);
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }
}

/** Starts bash as a client, the smallest process that speaks TCP; it prints a line when it holds. */
function startHolder(endpoint: Endpoint): Deno.ChildProcess {
  const script = [
    'exec 3<>"/dev/tcp/127.0.0.1/$0"',
    'printf "hello\\nacquire %s wait=forever priority=1\\n" "$1" >&3',
    'while read -r line <&3; do case $line in "1 acquired"*) echo holds;; esac; done',
  ].join("\n");
  const args = ["-c", script, `${endpoint}`, LOCK];
  return new Deno.Command("bash", { args, stdin: "null", stdout: "piped" }).spawn();
}

/** Clients that ask for the lock with `g` in turn, evenly spread: the best that polling can do. */
export class PollingTrial implements Trial {
  readonly #clients: PacedClients;
  readonly #intervalMs: number;
  #holder: Connection;

  constructor(endpoint: Endpoint, clients: number) {
    this.#intervalMs = POLL_INTERVAL_MS / clients;
    const requestOf = () => `g ${LOCK}\n`;
    this.#clients = new PacedClients({
      endpoint,
      clients,
      intervalMs: this.#intervalMs,
      requestOf,
    });
    this.#holder = new Connection(endpoint);
    const reply = this.#holder.ask(`g ${LOCK}`);
    if (!reply.startsWith("1")) throw new Error(`Cannot acquire "${LOCK}": ${reply.trimEnd()}`);
  }

  /** Closes the holder's connection. */
  handOver(): Promise<number> {
    // At any moment between two requests.
    this.idle(REST_MS + Math.random() * this.#intervalMs);
    const startMs = nowMs();
    this.#holder.close();
    const winner = this.#nextGrant(startMs + STALLED_MS);
    if (winner === undefined) throw new Error("No client had the lock after 10 seconds");
    const ms = nowMs() - startMs;
    this.#holder = this.#clients.reconnect(winner)!;
    return Promise.resolve(ms);
  }

  idle(ms: number): void {
    this.#clients.skipDue();
    if (this.#nextGrant(nowMs() + ms) !== undefined) throw new Error("The lock has two holders");
  }

  /** Returns the client that has the lock, or undefined at `endMs`. */
  #nextGrant(endMs: number): number | undefined {
    for (let client; (client = this.#clients.next(endMs - nowMs())) >= 0;) {
      if (this.#clients.read(client).reply.startsWith("1")) return client;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#holder.close();
    this.#clients[Symbol.dispose]();
  }
}
