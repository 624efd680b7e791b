/** The client of the pools: one connection, and a thin method for each command. */
import { TIME_MS_MAX } from "../wire/extended.ts";
import { writeRequest } from "../wire/looky_text.ts";
import type { Dialer } from "./dial/mod.ts";
import { ConnectionError, RequestError } from "./errors.ts";
import { Pipeline } from "./pipeline.ts";
import { PoolError, ReplyReader } from "./pool_reply.ts";
import type {
  Assignment,
  PoolClient,
  PoolOptions,
  PoolReply,
  PoolStatus,
  SeedMethod,
} from "./pool_types.ts";
import { checkPoolWord } from "./validate.ts";

type Reply = PoolReply | PoolError;

/** As with locks; a server at its busiest answers in far less. */
const DEADLINE_SECONDS = 30;
/** How long the server may take to say goodbye. */
const EXIT_MS = 2_000;

export class LookyClient implements PoolClient {
  readonly #dialer: Dialer;
  readonly #reconnects: boolean;
  readonly #replyMs: number;
  #connection: Promise<Pipeline<Reply>>;
  /** Aborted when the client is closed. */
  readonly #closed = new AbortController();

  private constructor(
    dialer: Dialer,
    reconnects: boolean,
    replyMs: number,
    first: Pipeline<Reply>,
  ) {
    this.#dialer = dialer;
    this.#reconnects = reconnects;
    this.#replyMs = replyMs;
    this.#connection = Promise.resolve(first);
  }

  static async open(dialer: Dialer, options: PoolOptions): Promise<LookyClient> {
    const { reconnect = true, deadlineSeconds = DEADLINE_SECONDS, signal } = options;
    const replyMs = 1000 * deadlineSeconds;
    if (!(replyMs >= 0 && replyMs <= TIME_MS_MAX)) {
      throw new RequestError("deadlineSeconds must be a number of seconds; 0 switches it off");
    }
    return new LookyClient(dialer, reconnect, replyMs, await dial(dialer, signal));
  }

  async ask(
    verb: string,
    words: readonly string[] = [],
    { native = false }: { readonly native?: boolean | undefined } = {},
  ): Promise<PoolReply> {
    for (const word of [verb, ...words]) checkPoolWord(word);
    const connection = await this.#open();
    const asked = connection.ask(writeRequest(verb, words, native), (it) => it);
    const timer = this.#replyMs > 0 ? setTimeout(() => silence(connection), this.#replyMs) : 0;
    const reply = await asked.finally(() => clearTimeout(timer));
    if (reply instanceof PoolError) throw reply;
    return reply;
  }

  async consume(pool: string, consumer: string): Promise<Assignment> {
    const { parameters } = await this.ask("consume", [pool, consumer]);
    const seconds = Number(parameters.get("expires"));
    return {
      resource: parameters.get("resource") ?? "",
      expires: seconds > 0 ? new Date(seconds * 1000) : undefined,
      parameters,
    };
  }

  release(pool: string, consumer: string): Promise<void> {
    return this.#do("release", pool, consumer);
  }

  clear(pool?: string): Promise<void> {
    return this.#do("clear", pool);
  }

  free(count: number, pool?: string): Promise<void> {
    return this.#do("free", pool, count);
  }

  addPool(pool: string): Promise<void> {
    return this.#do("add-pool", pool);
  }

  dropPool(pool: string): Promise<void> {
    return this.#do("drop-pool", pool);
  }

  setResource(resource: string, quantity: number, pool?: string): Promise<void> {
    return this.#do("set-resource", pool, resource, quantity);
  }

  dropResource(resource: string, pool?: string): Promise<void> {
    return this.#do("drop-resource", pool, resource);
  }

  couple(resource: string): Promise<void> {
    return this.#do("couple", resource);
  }

  decouple(resource: string): Promise<void> {
    return this.#do("decouple", resource);
  }

  freeze(pool: string, resource: string): Promise<void> {
    return this.#do("freeze", pool, resource);
  }

  unfreeze(pool: string, resource: string): Promise<void> {
    return this.#do("unfreeze", pool, resource);
  }

  setUsed(resource: string, used: number, pool?: string): Promise<void> {
    return this.#do("set-used", pool, resource, used);
  }

  setRatio(resource: string, ratio: number, pool?: string): Promise<void> {
    return this.#do("set-ratio", pool, resource, ratio);
  }

  setSeed(method: SeedMethod, pool?: string): Promise<void> {
    return this.#do("set-seed", pool, method);
  }

  setMode(mode: string, pool?: string): Promise<void> {
    return this.#do("set-mode", pool, mode);
  }

  setLatency(seconds: number, pool?: string): Promise<void> {
    return this.#do("set-latency", pool, seconds);
  }

  master(): Promise<void> {
    return this.#do("master");
  }

  lock(resource: string, pool?: string): Promise<void> {
    return this.#do("lock", pool, resource);
  }

  unlock(resource: string, pool?: string): Promise<void> {
    return this.#do("unlock", pool, resource);
  }

  async listPools(): Promise<string[]> {
    const json = await this.#native("list-pool") as { "pool-list": string[] };
    return json["pool-list"];
  }

  async listResources(): Promise<Record<string, "shared" | "coupled">> {
    const json = await this.#native("list-resource") as {
      "resource-list": Record<string, "shared" | "coupled">;
    };
    return json["resource-list"];
  }

  async status(): Promise<PoolStatus> {
    const { status } = await this.#native("status") as { status: Record<string, number | string> };
    return {
      isDirty: status["dirty"] === 1,
      uptimeSeconds: Number(status["uptime"]),
      hasMaster: status["have-master"] === 1,
      isMaster: status["you-are-master"] === 1,
      version: String(status["version"]),
    };
  }

  save(): Promise<void> {
    return this.#do("save");
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new ConnectionError("the client was closed"));
    const connection = await this.#connection.catch(() => undefined);
    if (connection === undefined) return;
    const hurry = setTimeout(() => connection.close(), EXIT_MS);
    if (!connection.isBusy) {
      await connection.ask(writeRequest("exit", []), (it) => it).catch(() => {});
    }
    clearTimeout(hurry);
    connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A word that may be left out is left out. */
  async #do(verb: string, ...words: readonly (string | number | undefined)[]): Promise<void> {
    await this.ask(verb, words.filter((word) => word !== undefined).map(String));
  }

  async #native(verb: string): Promise<unknown> {
    return (await this.ask(verb, [], { native: true })).json;
  }

  /** The connection; a new one when it has broken. */
  #open(): Promise<Pipeline<Reply>> {
    const { signal } = this.#closed;
    signal.throwIfAborted();
    this.#connection = this.#connection.then(
      (old) => old.isOpen || !this.#reconnects ? old : dial(this.#dialer, signal),
      () => dial(this.#dialer, signal),
    );
    return this.#connection;
  }
}

function silence(connection: Pipeline<Reply>): void {
  connection.close(new ConnectionError("the server does not answer; is that its port for pools?"));
}

async function dial(dialer: Dialer, signal: AbortSignal | undefined): Promise<Pipeline<Reply>> {
  const reader = new ReplyReader();
  return new Pipeline<Reply>(await dialer.dial(signal), {
    next: (inbox) => reader.next(inbox),
    unasked: () => false,
  });
}
