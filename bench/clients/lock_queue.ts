/** Clients that stand in the wait queue of one lock, each with its own connection. Linux only. */
import { Connection } from "./connection.ts";
import { block, type Endpoint, nowMs } from "./libc.ts";
import { Poller } from "./poller.ts";

const LOOK_MS = 1;
const STALLED_MS = 60_000;

/** A reply that a client has read, and when. */
export interface QueueReply {
  readonly client: number;
  readonly text: string;
  readonly atMs: number;
}

export class LockQueue implements Disposable {
  /** Connections by client number, in the order of their arrival. */
  readonly clients = new Map<number, Connection>();
  /** A connection that never waits; it asks how long the queue is. */
  readonly observer: Connection;
  readonly #endpoint: Endpoint;
  readonly #lock: string;
  readonly #poller = new Poller();

  constructor(endpoint: Endpoint, lock: string) {
    this.#endpoint = endpoint;
    this.#lock = lock;
    this.observer = new Connection(endpoint);
    this.observer.ask("hello");
  }

  /** Connects a client with its greeting. */
  greet(client: number): Connection {
    return this.#add(client, "hello");
  }

  /** Connects a client that waits. The server reads both lines at once, so it waits when greeted. */
  enqueue(client: number): void {
    this.#add(client, `hello\nacquire ${this.#lock} wait=forever`);
  }

  #add(client: number, request: string): Connection {
    const connection = new Connection(this.#endpoint);
    this.clients.set(client, connection);
    connection.ask(request);
    this.#poller.add(connection.fd, client);
    return connection;
  }

  /** Waits for the next reply to any client and reads it. */
  nextReply(): QueueReply {
    const client = this.#poller.next(STALLED_MS);
    if (client < 0) throw new Error("Cannot measure: no client was granted the lock in 60 s");
    const text = this.clients.get(client)!.read();
    return { client, text, atMs: nowMs() };
  }

  /** Waits until `length` clients stand in the queue. Looking does not disturb them. */
  awaitLength(length: number): void {
    while (!this.observer.ask(`acquire ${this.#lock}`).includes(` queue=${length}\n`)) {
      block(LOOK_MS);
    }
  }

  [Symbol.dispose](): void {
    // Waiters leave first: no lock changes hands meanwhile.
    for (const connection of [...this.clients.values()].toReversed()) connection.close();
    this.observer.close();
    this.#poller[Symbol.dispose]();
  }
}
