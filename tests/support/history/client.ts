/** A life that is written down: one connection, its requests in batches, and its end. */
import { readLine, valueOf, writeRequest } from "../../../lib/wire/extended.ts";
import type { Places } from "../server.ts";
import type { Draft, Recorder } from "./recorder.ts";
import { type Life, OLD_VERBS, type Op, ownLockOf } from "./types.ts";
import { connect, type Transport, type Wire } from "./wire.ts";

const OLD = new Set<string>(OLD_VERBS);

/** What a session is resumed by. */
export interface Session {
  readonly life: Life;
  readonly id: string;
  readonly secret: string;
}

export class Client {
  readonly life: Life;
  /** Undefined for one that speaks the old words only. */
  session: Session | undefined;
  readonly #recorder: Recorder;
  #wire: Wire | undefined;
  readonly #asked: { readonly op: Op | undefined; answer(text: string | undefined): void }[] = [];
  readonly #over = Promise.withResolvers<void>();
  isOver = false;

  private constructor(recorder: Recorder, life: Life) {
    this.#recorder = recorder;
    this.life = life;
  }

  /** Connects, says its name and takes the lock of its own. Rejects when that is refused. */
  static async begin(
    recorder: Recorder,
    places: Places,
    transport: Transport,
    name: string,
    isOld: boolean,
  ): Promise<Client> {
    const client = new Client(recorder, recorder.begin(name));
    const end = (): void => client.#end();
    client.#wire = await connect(places, transport, { line: (text) => client.#line(text), end });
    const own = ownLockOf(name);
    if (isOld) {
      await client.#say(`iam ${name}\n`);
      await client.ask([{ verb: "g", names: [own], options: {} }]);
      return client;
    }
    const hello = await client.#say(`hello name=${name}\n`);
    const line = readLine(hello ?? "");
    const [id, secret] = line === undefined
      ? []
      : [valueOf(line, "session"), valueOf(line, "secret")];
    if (id === undefined || secret === undefined) throw new Error(`hello was answered ${hello}`);
    client.session = { life: client.life, id, secret };
    await client.ask([{ verb: "acquire", names: [own], options: {} }]);
    return client;
  }

  /** Whether the socket can be reset. */
  get canReset(): boolean {
    return this.#wire!.canReset;
  }

  /** Sends requests in one go; resolves when all are answered, or none will be any more. */
  async ask(drafts: readonly Draft[], target?: Session): Promise<readonly Op[]> {
    const ops = this.tell(drafts, target);
    await Promise.race([this.#over.promise, this.#answered(ops)]);
    return ops;
  }

  /** Sends requests in one go and waits for nothing. */
  tell(drafts: readonly Draft[], target?: Session): readonly Op[] {
    const ops = drafts.map((draft) => this.#recorder.send(this.life, draft));
    for (const op of ops) this.#asked.push({ op, answer: () => {} });
    this.#wire!.send(ops.map((op) => lineOf(op, target)));
    return ops;
  }

  /** Ends by itself, in one of the ways that are over when the server has ended its side, too. */
  async leave(how: "bye" | "close" | "half-close", last: readonly Draft[] = []): Promise<void> {
    this.tell(last);
    this.#recorder.end(this.life, how);
    if (how === "bye") await this.#say("bye\n");
    else this.#wire!.finish();
    await this.#over.promise;
  }

  /** Ends at once; what was just sent may still be carried out. */
  async vanish(how: "reset" | "destroy", last: readonly Draft[] = []): Promise<void> {
    if (last.length > 0) this.tell(last);
    const isReset = how === "reset" && this.canReset;
    this.#recorder.end(this.life, isReset ? "reset" : "destroy");
    if (isReset) this.#wire!.reset();
    else this.#wire!.destroy();
    await this.#over.promise;
  }

  /** Resolves when the server has ended the connection, as it was asked to if nothing is said. */
  async silence(): Promise<void> {
    this.#recorder.end(this.life, "silence");
    await this.#over.promise;
  }

  pause(isPaused: boolean): void {
    this.#wire!.pause(isPaused);
  }

  /** Resolves when the connection is over. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** What it still waits for, for people. */
  get unanswered(): readonly Op[] {
    return this.#asked.flatMap(({ op }) => op === undefined ? [] : [op]);
  }

  /** A request that is not written down. */
  async #say(line: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#asked.push({ op: undefined, answer: resolve });
    this.#wire!.send([line]);
    return await Promise.race([promise, this.#over.promise.then(() => undefined)]);
  }

  async #answered(ops: readonly Op[]): Promise<void> {
    const last = this.#asked.at(-1);
    if (last === undefined || last.op !== ops.at(-1)) return;
    await new Promise<void>((resolve) => last.answer = () => resolve());
  }

  #line(text: string): void {
    const asked = this.#asked.shift();
    if (asked === undefined) {
      if (text !== "") this.#recorder.find(`${this.life.name} was told unasked: ${text}`);
      return;
    }
    if (asked.op !== undefined) this.#recorder.receive(asked.op, text);
    asked.answer(text.replace(/\r$/, ""));
  }

  #end(): void {
    this.isOver = true;
    if (this.life.end === undefined) {
      this.#recorder.find(`the server has ended ${this.life.name} for no reason`);
      this.#recorder.end(this.life, "server");
    }
    this.#over.resolve();
  }
}

/** The request as it is sent. */
function lineOf({ id, verb, names, options }: Op, target: Session | undefined): string {
  if (OLD.has(verb)) return `${verb} ${names[0]}\n`;
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
