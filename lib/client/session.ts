/**
 * A connection that speaks the extended commands: it says hello, names a deadline, says something
 * now and then so that either side knows the other is there, and hears events.
 */
import {
  readLine,
  type ReplyLine,
  valueOf,
  type Values,
  writeRequest as writeCommand,
} from "../wire/extended.ts";
import type { Dialer } from "./dial/mod.ts";
import type { Link } from "./dial/link.ts";
import { ConnectionError } from "./errors.ts";
import { Pipeline } from "./pipeline.ts";
import { errorOf } from "./refusals.ts";

/** How long the server may take to say hello: an older one never does. */
const HELLO_MS = 10_000;
/** How long it may take to say bye. */
const BYE_MS = 2_000;
/** How often something is said without a deadline: one that has broken is found out by that alone. */
const BEAT_MS = 10_000;
const BLANK_LINE = "\n";
const BYE = "bye\n";
const PONG = "1 pong";

export interface ClientSessionOptions {
  readonly name: string | undefined;
  readonly deadlineSeconds: number;
}

export class ClientSession {
  /** What the server calls it, and what it takes to come back for what `grace` has kept. */
  id = "";
  secret = "";
  /** Events since `watch` was asked here. */
  onEvent: ((event: ReplyLine) => void) | undefined;
  readonly #pipeline: Pipeline<string>;
  #hasWatched = false;
  #beat: ReturnType<typeof setTimeout> | undefined;
  /** Requests whose replies may take any time. */
  #patient = 0;

  private constructor(link: Link) {
    this.#pipeline = new Pipeline(link, {
      next: (inbox) => inbox.line(),
      unasked: (line) => this.#isEvent(line),
    });
    this.#pipeline.ended.then(() => clearTimeout(this.#beat));
  }

  /** Connects and says hello. ConnectionError, RequestError, the signal's reason. */
  static async open(
    dialer: Dialer,
    options: ClientSessionOptions,
    signal?: AbortSignal,
  ): Promise<ClientSession> {
    const session = new ClientSession(await dialer.dial(signal));
    const late = new ConnectionError(
      `${dialer.url} takes connections but does not say hello; is it a Holdfast server?`,
    );
    const hurry = setTimeout(() => session.#pipeline.close(late), HELLO_MS);
    const giveUp = () => session.cut();
    signal?.addEventListener("abort", giveUp);
    try {
      if (signal?.aborted) giveUp(); // since it was dialled
      await session.#greet(options);
      return session;
    } catch (error) {
      session.cut();
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(hurry);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async #greet({ name, deadlineSeconds }: ClientSessionOptions): Promise<void> {
    let hello = await this.ask("hello", [], { name });
    // A server without a registry: names are a convenience, locks go without.
    if (hello.word === "disabled") hello = await this.ask("hello");
    if (hello.word !== "hello") throw errorOf(hello, "hello");
    this.id = valueOf(hello, "session") ?? "";
    this.secret = valueOf(hello, "secret") ?? "";
    if (deadlineSeconds === 0) return this.#beatEvery(BEAT_MS, Infinity);
    const reply = await this.ask("deadline", [String(deadlineSeconds)]);
    if (reply.kind !== "1") throw errorOf(reply, "deadline");
    this.#beatEvery(deadlineSeconds * 1000 / 3, deadlineSeconds * 1000);
  }

  /** Resolves when the connection has ended: with why, or nothing when it was ended here. */
  get ended(): Promise<ConnectionError | undefined> {
    return this.#pipeline.ended;
  }

  get isOpen(): boolean {
    return this.#pipeline.isOpen;
  }

  /** Asks an extended command; its one line. */
  ask(verb: string, names: readonly string[] = [], values: Values = {}): Promise<ReplyLine> {
    if (verb === "watch") this.#hasWatched = true;
    const reply = this.#pipeline.ask(writeCommand(verb, names, values), (line) => {
      const read = readLine(line);
      if (read === undefined) {
        this.#pipeline.close(new ConnectionError(`the server speaks in riddles: ${line}`));
      }
      return read;
    });
    return verb === "acquire" ? this.#patiently(reply) : reply;
  }

  /** Sends a line of any kind: all lines of its answer. A ping behind it shows where that ends. */
  send(line: string): Promise<string[]> {
    // These have one line, and no ping can follow.
    if (/^\s*(?:ping|bye)\b/.test(line)) return this.#pipeline.ask(line + "\n", (reply) => [reply]);
    const lines: string[] = [];
    const all = this.#pipeline.ask(`${line}\nping\n`, (reply) => {
      if (reply === PONG) return lines;
      lines.push(reply);
      return undefined;
    });
    return this.#patiently(all);
  }

  /** Takes leave: what is held is given back, nothing is kept by `grace`. */
  async bye(): Promise<void> {
    const hurry = setTimeout(() => this.cut(), BYE_MS);
    await this.ask("bye").catch(() => {});
    clearTimeout(hurry);
    this.cut();
  }

  /** Takes leave, or ends the connection when a reply is waited for, who knows how long. */
  async leave(): Promise<void> {
    if (this.#pipeline.isBusy) this.quit();
    else await this.bye();
  }

  /**
   * Ends the connection at once, whatever is waited for; what is granted at this very moment is given
   * back, and not kept by its grace.
   */
  quit(): void {
    this.#pipeline.part(BYE);
  }

  /** Ends the connection at once. */
  cut(): void {
    this.#pipeline.close();
  }

  #isEvent(line: string): boolean {
    if (!this.#hasWatched || !line.startsWith("* ")) return false;
    const event = readLine(line);
    if (event === undefined) return false;
    this.onEvent?.(event);
    return true;
  }

  /** Says something every `periodMs`, and gives up a server that does not answer for too long. */
  #beatEvery(periodMs: number, silentMsMax: number): void {
    if (!this.isOpen) return;
    this.#beat = setTimeout(() => {
      if (this.#patient === 0 && this.#pipeline.silentMs > silentMsMax) {
        return this.#pipeline.close(new ConnectionError("the server has fallen silent"));
      }
      if (this.#pipeline.isBusy) this.#pipeline.say(BLANK_LINE);
      else this.ask("ping").catch(() => {});
      this.#beatEvery(periodMs, silentMsMax);
    }, periodMs);
  }

  /** For a reply that may take any time. */
  async #patiently<T>(reply: Promise<T>): Promise<T> {
    this.#patient++;
    try {
      return await reply;
    } finally {
      this.#patient--;
    }
  }
}
