/** Parses the replies of pools: a head, which lines or a body may follow. */
import { Code, readHead, type ReplyHead } from "../wire/looky_text.ts";
import { type ErrorCode, HoldfastError } from "./errors.ts";
import type { PoolReply } from "./pool_types.ts";
import type { ReceiveBuffer } from "./receive_buffer.ts";

const ERROR_CODES: Readonly<Record<number, ErrorCode>> = {
  [Code.badRequest]: "error",
  [Code.notAllowed]: "denied",
  [Code.unknownName]: "unknown",
  [Code.conflict]: "conflict",
  [Code.failed]: "failed",
  [Code.noRoom]: "no-room",
};

/** The server refused a pool request. */
export class PoolError extends HoldfastError {
  override readonly name: string = "PoolError";
  /** The number of the refusal in docs/protocol/looky.md, such as 404. */
  readonly status: number;

  constructor({ code, parameters }: Pick<ReplyHead, "code" | "parameters">) {
    const message = parameters.get("message") ?? `Cannot run the command: refused with ${code}`;
    super(ERROR_CODES[code] ?? "error", message);
    this.status = code;
  }
}

/** Assembles replies from the received bytes. */
export class ReplyReader {
  #head: ReplyHead | undefined;
  #lines: string[] = [];

  /** Returns the next reply; undefined when it is incomplete. Throws when it is not a reply. */
  next(buffer: ReceiveBuffer): PoolReply | PoolError | undefined {
    if (this.#head === undefined) {
      const line = buffer.line();
      if (line === undefined) return undefined;
      this.#head = readHead(line);
      if (this.#head === undefined) throw new Error(`unexpected reply from the server: ${line}`);
    }
    const head = this.#head;
    if (!head.isOk) return this.#finish(new PoolError(head));
    if (head.code === Code.lines) return this.#readLines(head, buffer);
    if (head.code === Code.native) return this.#readBody(head, buffer);
    return this.#finish(replyOf(head));
  }

  /** Reads lines up to an empty one. */
  #readLines(head: ReplyHead, buffer: ReceiveBuffer): PoolReply | undefined {
    for (let line = buffer.line(); line !== undefined; line = buffer.line()) {
      if (line === "") return this.#finish(replyOf(head, { lines: this.#lines }));
      this.#lines.push(line);
    }
    return undefined;
  }

  /** Reads the number of bytes that the head says, and a line ending. */
  #readBody(head: ReplyHead, buffer: ReceiveBuffer): PoolReply | undefined {
    const length = Number(head.parameters.get("length"));
    const body = buffer.take(length + "\r\n".length);
    if (body === undefined) return undefined;
    return this.#finish(replyOf(head, { json: JSON.parse(body) as unknown }));
  }

  #finish<R>(reply: R): R {
    this.#head = undefined;
    this.#lines = [];
    return reply;
  }
}

function replyOf({ code, parameters }: ReplyHead, rest: Partial<PoolReply> = {}): PoolReply {
  return { code, parameters, lines: [], json: undefined, ...rest };
}
