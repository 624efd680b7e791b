/**
 * A connection that uses the extended commands. Sends `hello`, sets the idle timeout (`deadline`),
 * sends heartbeats so that each side knows that the other is alive, and receives events.
 */
import {
  readLine,
  type ReplyLine,
  valueOf,
  type Values,
  writeRequest as writeCommand,
} from "../wire/extended.ts";
import { lostError } from "./connection_errors.ts";
import type { Link } from "./dial/link.ts";
import type { Dialer } from "./dial/mod.ts";
import { ConnectionError } from "./errors.ts";
import { Pipeline } from "./pipeline.ts";
import { errorOf } from "./refusals.ts";

/** How long the reply to `hello` may take; a glockd server never replies. */
const HELLO_MS_MAX = 10_000;
/** How long the reply to `bye` may take. */
const BYE_MS_MAX = 2_000;
/** Interval of heartbeats without an idle timeout: a write reveals a broken connection. */
const HEARTBEAT_MS = 10_000;
const BLANK_LINE = "\n";
const BYE = "bye\n";
const PONG = "1 pong";

export interface ClientSessionOptions {
  readonly name: string | undefined;
  readonly deadlineSeconds: number;
}

export class ClientSession {
  /** The session's number on the server, and the secret that resumes it. */
  id = "";
  secret = "";
  /** Called with each event after `watch`. */
  onEvent: ((event: ReplyLine) => void) | undefined;
  readonly #pipeline: Pipeline<string>;
  #hasWatched = false;
  #heartbeatTimer: ReturnType<typeof setTimeout> | undefined;
  /** The number of pending requests whose replies have no time limit. */
  #untimedRequests = 0;

  private constructor(link: Link) {
    this.#pipeline = new Pipeline(link, {
      next: (buffer) => buffer.line(),
      handleUnsolicited: (line) => this.#handleEvent(line),
    });
    this.#pipeline.ended.then(() => clearTimeout(this.#heartbeatTimer));
  }

  /** Connects, sends `hello`. Throws `ConnectionError`, `RequestError` or the signal's reason. */
  static async open(
    dialer: Dialer,
    options: ClientSessionOptions,
    signal?: AbortSignal,
  ): Promise<ClientSession> {
    const session = new ClientSession(await dialer.dial(signal));
    const timeoutError = new ConnectionError(
      `Cannot connect to "${dialer.url}": no reply to "hello"; is it a Holdfast server?`,
    );
    const timer = setTimeout(() => session.#pipeline.close(timeoutError), HELLO_MS_MAX);
    const onAbort = () => session.close();
    signal?.addEventListener("abort", onAbort);
    try {
      if (signal?.aborted) onAbort(); // aborted while dialing
      await session.#handshake(options);
      return session;
    } catch (error) {
      session.close();
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #handshake({ name, deadlineSeconds }: ClientSessionOptions): Promise<void> {
    let hello = await this.ask("hello", [], { name });
    // A server without a registry refuses names; locks work without one.
    if (hello.word === "disabled") hello = await this.ask("hello");
    if (hello.word !== "hello") throw errorOf(hello, "hello");
    this.id = valueOf(hello, "session") ?? "";
    this.secret = valueOf(hello, "secret") ?? "";
    if (deadlineSeconds === 0) return this.#scheduleHeartbeat(HEARTBEAT_MS, Infinity);
    const reply = await this.ask("deadline", [String(deadlineSeconds)]);
    if (reply.kind !== "1") throw errorOf(reply, "deadline");
    this.#scheduleHeartbeat(deadlineSeconds * 1000 / 3, deadlineSeconds * 1000);
  }

  /** Resolves when the connection ends: to the reason, or undefined if this client closed it. */
  get ended(): Promise<ConnectionError | undefined> {
    return this.#pipeline.ended;
  }

  get isOpen(): boolean {
    return this.#pipeline.isOpen;
  }

  /** Sends an extended command; resolves to its reply, even a refusal. */
  ask(verb: string, names: readonly string[] = [], values: Values = {}): Promise<ReplyLine> {
    if (verb === "watch") this.#hasWatched = true;
    const reply = this.#pipeline.ask(writeCommand(verb, names, values), (line) => {
      const parsed = readLine(line);
      if (parsed === undefined) {
        this.#pipeline.close(lostError(`unexpected reply from the server: ${line}`));
      }
      return parsed;
    });
    return verb === "acquire" ? this.#untimed(reply) : reply;
  }

  /** Sends any line; resolves to all lines of the reply. A `ping` after it marks their end. */
  send(line: string): Promise<string[]> {
    // The reply to these is one line, and no `ping` may follow `bye`.
    if (/^\s*(?:ping|bye)\b/.test(line)) return this.#pipeline.ask(line + "\n", (reply) => [reply]);
    const lines: string[] = [];
    const reply = this.#pipeline.ask(`${line}\nping\n`, (replyLine) => {
      if (replyLine === PONG) return lines;
      lines.push(replyLine);
      return undefined;
    });
    return this.#untimed(reply);
  }

  /** Sends `bye` and closes: the server releases all locks, whatever their grace. */
  async bye(): Promise<void> {
    const timer = setTimeout(() => this.close(), BYE_MS_MAX);
    await this.ask("bye").catch(() => {});
    clearTimeout(timer);
    this.close();
  }

  /** Like `bye`, but closes at once if another reply is due first. */
  async shutdown(): Promise<void> {
    if (this.#pipeline.isBusy) this.closeWithBye();
    else await this.bye();
  }

  /** Sends `bye` and closes at once; releases even a lock that is being granted. */
  closeWithBye(): void {
    this.#pipeline.closeAfter(BYE);
  }

  /** Closes the connection at once. */
  close(): void {
    this.#pipeline.close();
  }

  #handleEvent(line: string): boolean {
    if (!this.#hasWatched || !line.startsWith("* ")) return false;
    const event = readLine(line);
    if (event === undefined) return false;
    this.onEvent?.(event);
    return true;
  }

  /** Sends a heartbeat every `periodMs`; closes the connection when a reply is overdue. */
  #scheduleHeartbeat(periodMs: number, silentMsMax: number): void {
    if (!this.isOpen) return;
    this.#heartbeatTimer = setTimeout(() => {
      if (this.#untimedRequests === 0 && this.#pipeline.silentMs > silentMsMax) {
        return this.#pipeline.close(lostError("the server does not answer"));
      }
      if (this.#pipeline.isBusy) this.#pipeline.send(BLANK_LINE);
      else this.ask("ping").catch(() => {});
      this.#scheduleHeartbeat(periodMs, silentMsMax);
    }, periodMs);
  }

  /** Suspends the check for overdue replies until `reply` arrives. */
  async #untimed<T>(reply: Promise<T>): Promise<T> {
    this.#untimedRequests++;
    try {
      return await reply;
    } finally {
      this.#untimedRequests--;
    }
  }
}
