/** The pool client: one connection, and a thin method for each command. */
import { TIME_MS_MAX } from "../wire/extended.ts";
import { writeRequest } from "../wire/looky_text.ts";
import { clientClosedError, lostError } from "./connection_errors.ts";
import type { Dialer } from "./dial/mod.ts";
import { RequestError } from "./errors.ts";
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

/** As for locks; even a busy server replies much sooner. */
const DEADLINE_SECONDS = 30;
/** How long the reply to `exit` may take. */
const EXIT_MS_MAX = 2_000;

export class LookyClient implements PoolClient {
  readonly #dialer: Dialer;
  readonly #reconnects: boolean;
  /** How long a reply may take; 0: without limit. */
  readonly #replyMsMax: number;
  #connection: Promise<Pipeline<Reply>>;
  /** Aborted when `close` is called. */
  readonly #closed = new AbortController();

  private constructor(
    dialer: Dialer,
    reconnects: boolean,
    replyMsMax: number,
    connection: Pipeline<Reply>,
  ) {
    this.#dialer = dialer;
    this.#reconnects = reconnects;
    this.#replyMsMax = replyMsMax;
    this.#connection = Promise.resolve(connection);
  }

  /** Connects. Throws `ConnectionError`, `RequestError`, or the signal's reason. */
  static async open(dialer: Dialer, options: PoolOptions): Promise<LookyClient> {
    const { reconnect = true, deadlineSeconds = DEADLINE_SECONDS, signal } = options;
    const replyMsMax = 1000 * deadlineSeconds;
    if (!(replyMsMax >= 0 && replyMsMax <= TIME_MS_MAX)) {
      throw new RequestError(
        'Cannot connect: the option "deadlineSeconds" must be from 0 (no timeout) to 24 days',
      );
    }
    return new LookyClient(dialer, reconnect, replyMsMax, await dial(dialer, signal));
  }

  async ask(
    verb: string,
    words: readonly string[] = [],
    { native = false }: { readonly native?: boolean | undefined } = {},
  ): Promise<PoolReply> {
    for (const word of [verb, ...words]) checkPoolWord(word);
    const connection = await this.#open();
    const replied = connection.ask(writeRequest(verb, words, native), (it) => it);
    const ms = this.#replyMsMax;
    const timer = ms > 0 ? setTimeout(() => closeUnresponsive(connection), ms) : 0;
    const reply = await replied.finally(() => clearTimeout(timer));
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
    return this.#run("release", pool, consumer);
  }

  clear(pool?: string): Promise<void> {
    return this.#run("clear", pool);
  }

  free(count: number, pool?: string): Promise<void> {
    return this.#run("free", pool, count);
  }

  addPool(pool: string): Promise<void> {
    return this.#run("add-pool", pool);
  }

  dropPool(pool: string): Promise<void> {
    return this.#run("drop-pool", pool);
  }

  setResource(resource: string, quantity: number, pool?: string): Promise<void> {
    return this.#run("set-resource", pool, resource, quantity);
  }

  dropResource(resource: string, pool?: string): Promise<void> {
    return this.#run("drop-resource", pool, resource);
  }

  couple(resource: string): Promise<void> {
    return this.#run("couple", resource);
  }

  decouple(resource: string): Promise<void> {
    return this.#run("decouple", resource);
  }

  freeze(pool: string, resource: string): Promise<void> {
    return this.#run("freeze", pool, resource);
  }

  unfreeze(pool: string, resource: string): Promise<void> {
    return this.#run("unfreeze", pool, resource);
  }

  setUsed(resource: string, used: number, pool?: string): Promise<void> {
    return this.#run("set-used", pool, resource, used);
  }

  setRatio(resource: string, ratio: number, pool?: string): Promise<void> {
    return this.#run("set-ratio", pool, resource, ratio);
  }

  setSeed(method: SeedMethod, pool?: string): Promise<void> {
    return this.#run("set-seed", pool, method);
  }

  setMode(mode: string, pool?: string): Promise<void> {
    return this.#run("set-mode", pool, mode);
  }

  setLatency(seconds: number, pool?: string): Promise<void> {
    return this.#run("set-latency", pool, seconds);
  }

  master(): Promise<void> {
    return this.#run("master");
  }

  lock(resource: string, pool?: string): Promise<void> {
    return this.#run("lock", pool, resource);
  }

  unlock(resource: string, pool?: string): Promise<void> {
    return this.#run("unlock", pool, resource);
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
    return this.#run("save");
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(clientClosedError());
    const connection = await this.#connection.catch(() => undefined);
    if (connection === undefined) return;
    const timer = setTimeout(() => connection.close(), EXIT_MS_MAX);
    if (!connection.isBusy) {
      await connection.ask(writeRequest("exit", []), (it) => it).catch(() => {});
    }
    clearTimeout(timer);
    connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Sends a command; leaves out undefined words. */
  async #run(verb: string, ...words: readonly (string | number | undefined)[]): Promise<void> {
    await this.ask(verb, words.filter((word) => word !== undefined).map(String));
  }

  async #native(verb: string): Promise<unknown> {
    return (await this.ask(verb, [], { native: true })).json;
  }

  /** Resolves to the connection, or to a new one if that has broken. */
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

function closeUnresponsive(connection: Pipeline<Reply>): void {
  connection.close(lostError("the server does not answer; is this its port for pools?"));
}

async function dial(dialer: Dialer, signal: AbortSignal | undefined): Promise<Pipeline<Reply>> {
  const reader = new ReplyReader();
  return new Pipeline<Reply>(await dialer.dial(signal), {
    next: (buffer) => reader.next(buffer),
    handleUnsolicited: () => false,
  });
}
