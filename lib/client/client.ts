/** The lock client. Sends requests on a main connection; other files acquire locks and watch. */
import { numberOf, type ReplyLine, valueOf, type Values } from "../wire/extended.ts";
import { acquire } from "./acquire.ts";
import type { Dialer } from "./dial/mod.ts";
import { ConnectionError, RequestError } from "./errors.ts";
import { errorOf } from "./refusals.ts";
import type { ClientSession } from "./session.ts";
import { SessionPool, type SessionPoolOptions } from "./session_pool.ts";
import type { AcquireOptions, Client, Lock, LockInfo, ServerVersion, WatchEvent } from "./types.ts";
import { checkLine, checkText } from "./validate.ts";
import { watch } from "./watch.ts";
import { ServerLockManager } from "./web_locks.ts";

export class LockClient implements Client {
  readonly locks = new ServerLockManager(this);
  readonly #sessions: SessionPool;
  #main: Promise<ClientSession>;

  private constructor(sessions: SessionPool, main: ClientSession) {
    this.#sessions = sessions;
    this.#main = Promise.resolve(main);
  }

  /** Connects. Throws `ConnectionError`, `RequestError`, or the signal's reason. */
  static async open(
    dialer: Dialer,
    options: SessionPoolOptions,
    signal?: AbortSignal,
  ): Promise<LockClient> {
    const sessions = new SessionPool(dialer, options);
    return new LockClient(sessions, await sessions.open(signal));
  }

  async acquire(
    names: string | readonly string[],
    options: AcquireOptions = {},
  ): Promise<Lock> {
    return await acquire(this.#sessions, names, options);
  }

  async describe(name: string): Promise<LockInfo | undefined> {
    const reply = await this.#query("describe", [name]);
    if (reply.word === "unlocked") return undefined;
    return jsonOf(reply, "describe") as LockInfo;
  }

  async list(prefix = ""): Promise<LockInfo[]> {
    return jsonOf(await this.#query("list", prefix === "" ? [] : [prefix]), "list") as LockInfo[];
  }

  watch(
    prefix = "",
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterable<WatchEvent> {
    checkText(prefix, "the prefix");
    return watch(this.#sessions, prefix, options.signal);
  }

  async force(name: string, why: string): Promise<number> {
    const reply = await this.ask("force", [name], { why });
    if (reply.word === "unlocked") return 0;
    if (reply.word !== "forced") throw errorOf(reply, "force", [name]);
    return numberOf(reply, "count") ?? 0;
  }

  async ask(verb: string, names: readonly string[] = [], values: Values = {}): Promise<ReplyLine> {
    if (!/^[a-z-]+$/.test(verb)) {
      throw new RequestError(`Cannot send ${JSON.stringify(verb)}: it is not a command name`);
    }
    refuseWatch(verb);
    for (const name of names) checkText(name, "the name");
    for (const [key, value] of Object.entries(values)) {
      for (const part of typeof value === "object" ? value : [value]) checkText(String(part), key);
    }
    return await (await this.#session()).ask(verb, names, values);
  }

  async send(line: string): Promise<string[]> {
    checkLine(line);
    refuseWatch(line.trim().split(" ", 1)[0] ?? "");
    return await (await this.#session()).send(line);
  }

  async version(): Promise<ServerVersion> {
    const reply = await this.#query("version");
    const values = [...reply.raw.keys()].map((key) => [key, valueOf(reply, key) ?? ""]);
    return {
      version: valueOf(reply, "version") ?? "",
      values: Object.fromEntries(values) as Record<string, string>,
    };
  }

  async ping(): Promise<void> {
    await this.#query("ping");
  }

  async close(): Promise<void> {
    await this.#sessions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Resolves to the main connection, or to a new one if that has broken. */
  #session(): Promise<ClientSession> {
    const sessions = this.#sessions;
    this.#main = this.#main.then(
      (main) => main.isOpen || !sessions.reconnects ? main : sessions.open(),
      () => sessions.open(),
    );
    return this.#main;
  }

  /** Sends a request that changes nothing, so it is sent again if the connection breaks. */
  async #query(verb: string, names: readonly string[] = []): Promise<ReplyLine> {
    let reply: ReplyLine;
    try {
      reply = await this.ask(verb, names);
    } catch (error) {
      const mayRetry = this.#sessions.reconnects && !this.#sessions.isClosed;
      if (!(error instanceof ConnectionError) || !mayRetry) throw error;
      reply = await this.ask(verb, names);
    }
    if (reply.kind === "1" || reply.word === "unlocked") return reply;
    throw errorOf(reply, verb, names);
  }
}

/** Refuses `watch`: its events would arrive between the replies on the main connection. */
function refuseWatch(verb: string): void {
  if (verb === "watch") throw new RequestError('Cannot send "watch": call client.watch() instead');
}

function jsonOf(reply: ReplyLine, verb: string): unknown {
  const json = valueOf(reply, "json");
  if (json === undefined) throw errorOf(reply, verb);
  return JSON.parse(json);
}
