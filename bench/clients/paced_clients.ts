/** Clients that send in turn at a fixed rate, one request at a time each. Linux only. */
import { Connection } from "./connection.ts";
import { type Endpoint, nowMs } from "./libc.ts";
import { Poller, Ticker } from "./poller.ts";

/** What `next()` returns when the watched descriptor can be read. */
export const WATCHED = -2;

export interface PacedOptions {
  readonly endpoint: Endpoint;
  readonly clients: number;
  /** Time between two requests, those of all clients counted. */
  readonly intervalMs: number;
  /** Returns the next request of a client, its line end included. */
  readonly requestOf: (client: number) => string;
}

export class PacedClients implements Disposable {
  readonly #options: PacedOptions;
  readonly #connections: Connection[] = [];
  /** When each client sent the request that it awaits a reply to; 0 when it awaits none. */
  readonly #sentAtMs: Float64Array;
  readonly #poller = new Poller();
  readonly #ticker: Ticker;
  #watched: number | undefined;
  #turn = 0;

  constructor(options: PacedOptions) {
    this.#options = options;
    this.#sentAtMs = new Float64Array(options.clients);
    for (let i = 0; i < options.clients; i++) this.reconnect(i);
    this.#ticker = new Ticker(options.intervalMs);
    this.#poller.add(this.#ticker.fd, options.clients);
  }

  /** Gives a client a new connection and returns the old one, which stays open. */
  reconnect(client: number): Connection | undefined {
    const old = this.#connections[client];
    if (old !== undefined) this.#poller.remove(old.fd);
    const connection = this.#connections[client] = new Connection(this.#options.endpoint);
    this.#sentAtMs[client] = 0;
    this.#poller.add(connection.fd, client);
    return old;
  }

  /** Makes `next()` return `WATCHED` when another descriptor can be read. */
  watch(fd: number): void {
    this.#watched = fd;
    this.#poller.add(fd, WATCHED);
  }

  /** Stops sending and watching; `next()` still returns the clients that a reply has come for. */
  stop(): void {
    this.#poller.remove(this.#ticker.fd);
    if (this.#watched !== undefined) this.#poller.remove(this.#watched);
  }

  get awaitsReply(): boolean {
    return this.#sentAtMs.some((sentAtMs) => sentAtMs !== 0);
  }

  /** Discards the requests that have come due since the last call of `next()`. */
  skipDue(): void {
    this.#ticker.ticks();
  }

  /** Sends what is due until a client can read; returns its number, or -1 after `waitMs`. */
  next(waitMs: number): number {
    const endMs = nowMs() + waitMs;
    for (let remainingMs = waitMs; remainingMs > 0; remainingMs = endMs - nowMs()) {
      const number = this.#poller.next(remainingMs);
      if (number !== this.#options.clients) return number;
      for (let due = this.#ticker.ticks(); due > 0; due--) this.#send();
    }
    return -1;
  }

  /** Reads the reply of a client, which may send again. */
  read(client: number): { readonly reply: string; readonly latencyMs: number } {
    const reply = this.#connections[client]!.readUntil("\n");
    const latencyMs = nowMs() - this.#sentAtMs[client]!;
    this.#sentAtMs[client] = 0;
    return { reply, latencyMs };
  }

  /** Sends the request of the client whose turn it is, unless it still awaits a reply. */
  #send(): void {
    const client = this.#turn;
    this.#turn = (client + 1) % this.#options.clients;
    if (this.#sentAtMs[client] !== 0) return;
    this.#sentAtMs[client] = nowMs();
    this.#connections[client]!.send(this.#options.requestOf(client));
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.close();
    this.#ticker[Symbol.dispose]();
    this.#poller[Symbol.dispose]();
  }
}
