/** A client whose history is recorded: one connection, its requests in batches, and its end. */
import { readLine, valueOf, writeRequest } from "../../../lib/wire/extended.ts";
import type { Addresses } from "../server.ts";
import type { PlannedRequest, Recorder } from "./recorder.ts";
import { type Connection, GLOCKD_VERBS, type Op, ownLockOf } from "./types.ts";
import { connect, type Transport, type Wire } from "./wire.ts";

const GLOCKD = new Set<string>(GLOCKD_VERBS);

/** What a client needs to resume a session. */
export interface Session {
  readonly connection: Connection;
  readonly id: string;
  readonly secret: string;
}

export class Client {
  readonly connection: Connection;
  /** Undefined for a client that uses only glockd commands. */
  session: Session | undefined;
  readonly #recorder: Recorder;
  #wire: Wire | undefined;
  readonly #pending: { readonly op: Op | undefined; answer(text: string | undefined): void }[] = [];
  readonly #closed = Promise.withResolvers<void>();
  isClosed = false;

  private constructor(recorder: Recorder, connection: Connection) {
    this.#recorder = recorder;
    this.connection = connection;
  }

  /** Connects, sends its name and takes its own lock. Rejects if the server refuses `hello`. */
  static async connect(
    recorder: Recorder,
    addresses: Addresses,
    transport: Transport,
    name: string,
    isGlockd: boolean,
  ): Promise<Client> {
    const client = new Client(recorder, recorder.addConnection(name));
    const onEnd = (): void => client.#onEnd();
    client.#wire = await connect(addresses, transport, {
      onLine: (text) => client.#onLine(text),
      onEnd,
    });
    const own = ownLockOf(name);
    if (isGlockd) {
      await client.#requestUnrecorded(`iam ${name}\n`);
      await client.request([{ verb: "g", names: [own], options: {} }]);
      return client;
    }
    const hello = await client.#requestUnrecorded(`hello name=${name}\n`);
    const line = readLine(hello ?? "");
    const [id, secret] = line === undefined
      ? []
      : [valueOf(line, "session"), valueOf(line, "secret")];
    if (id === undefined || secret === undefined) {
      throw new Error(`Cannot connect ${name}: the reply to hello is ${hello}`);
    }
    client.session = { connection: client.connection, id, secret };
    await client.request([{ verb: "acquire", names: [own], options: {} }]);
    return client;
  }

  /** Whether the socket can be reset. */
  get canReset(): boolean {
    return this.#wire!.canReset;
  }

  /** Sends requests in one write; resolves when all are answered or the connection has ended. */
  async request(requests: readonly PlannedRequest[], target?: Session): Promise<readonly Op[]> {
    const ops = this.send(requests, target);
    await Promise.race([this.#closed.promise, this.#answered(ops)]);
    return ops;
  }

  /** Sends requests in one write without waiting for replies. */
  send(requests: readonly PlannedRequest[], target?: Session): readonly Op[] {
    const ops = requests.map((planned) => this.#recorder.recordRequest(this.connection, planned));
    for (const op of ops) this.#pending.push({ op, answer: () => {} });
    this.#wire!.send(ops.map((op) => lineOf(op, target)));
    return ops;
  }

  /** Ends the connection properly; resolves when the server has ended its side, too. */
  async close(
    how: "bye" | "close" | "half-close",
    last: readonly PlannedRequest[] = [],
  ): Promise<void> {
    this.send(last);
    this.#recorder.recordEnd(this.connection, how);
    if (how === "bye") await this.#requestUnrecorded("bye\n");
    else this.#wire!.endSending();
    await this.#closed.promise;
  }

  /** Ends the connection at once; the server may still run requests that were just sent. */
  async abort(how: "reset" | "destroy", last: readonly PlannedRequest[] = []): Promise<void> {
    if (last.length > 0) this.send(last);
    const isReset = how === "reset" && this.canReset;
    this.#recorder.recordEnd(this.connection, isReset ? "reset" : "destroy");
    if (isReset) this.#wire!.reset();
    else this.#wire!.destroy();
    await this.#closed.promise;
  }

  /** Sends nothing; resolves when the server's idle timeout has ended the connection. */
  async goSilent(): Promise<void> {
    this.#recorder.recordEnd(this.connection, "silence");
    await this.#closed.promise;
  }

  setPaused(isPaused: boolean): void {
    this.#wire!.setPaused(isPaused);
  }

  /** Resolves when the connection has ended. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The requests without a reply, for messages. */
  get unanswered(): readonly Op[] {
    return this.#pending.flatMap(({ op }) => op === undefined ? [] : [op]);
  }

  /** Sends a request that is not recorded, and resolves to its reply. */
  async #requestUnrecorded(line: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#pending.push({ op: undefined, answer: resolve });
    this.#wire!.send([line]);
    return await Promise.race([promise, this.#closed.promise.then(() => undefined)]);
  }

  async #answered(ops: readonly Op[]): Promise<void> {
    const last = this.#pending.at(-1);
    if (last === undefined || last.op !== ops.at(-1)) return;
    await new Promise<void>((resolve) => last.answer = () => resolve());
  }

  #onLine(text: string): void {
    const pending = this.#pending.shift();
    if (pending === undefined) {
      if (text !== "") {
        this.#recorder.addProblem(`${this.connection.name} received an unexpected line: ${text}`);
      }
      return;
    }
    if (pending.op !== undefined) this.#recorder.recordReply(pending.op, text);
    pending.answer(text.replace(/\r$/, ""));
  }

  #onEnd(): void {
    this.isClosed = true;
    if (this.connection.end === undefined) {
      this.#recorder.addProblem(`the server ended ${this.connection.name} without a reason`);
      this.#recorder.recordEnd(this.connection, "server");
    }
    this.#closed.resolve();
  }
}

/** Returns the request as it is sent. */
function lineOf({ id, verb, names, options }: Op, target: Session | undefined): string {
  if (GLOCKD.has(verb)) return `${verb} ${names[0]}\n`;
  const { mode, max, wait, priority, lease, grace } = options;
  const why = `#${id}`;
  switch (verb) {
    case "acquire":
      return writeRequest(verb, names, { mode, max, wait, priority, lease, grace, why });
    case "release":
      return writeRequest(verb, names, { mode });
    case "renew":
      return writeRequest(verb, names, { lease });
    case "force":
      return writeRequest(verb, names, { why });
    case "deadline":
      return writeRequest(verb, [`${options.seconds}`]);
    case "resume": {
      const secret = target === undefined ? "" : target.secret;
      return writeRequest(verb, [target?.id ?? "none"], {
        secret: options.rightSecret ? secret : `${secret.slice(1)}0`,
      });
    }
    default:
      return writeRequest(verb, names);
  }
}
