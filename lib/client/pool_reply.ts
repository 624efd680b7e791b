/** Replies of the pools as they come: a head, and perhaps lines or a body of a length told before. */
import { Code, type Head, readHead } from "../wire/looky_text.ts";
import { ConnectionError, type ErrorCode, HoldfastError } from "./errors.ts";
import type { ReceiveBuffer } from "./receive_buffer.ts";
import type { PoolReply } from "./pool_types.ts";

const CODES: Readonly<Record<number, ErrorCode>> = {
  [Code.badRequest]: "error",
  [Code.notAllowed]: "denied",
  [Code.unknownName]: "unknown",
  [Code.conflict]: "conflict",
  [Code.failed]: "failed",
  [Code.noRoom]: "no-room",
};

/** A refusal of the pools; `status` is its number in docs/protocol/looky.md. */
export class PoolError extends HoldfastError {
  override readonly name: string = "PoolError";
  readonly status: number;

  constructor({ code, parameters }: Pick<Head, "code" | "parameters">) {
    super(CODES[code] ?? "error", parameters.get("message") ?? `refused with ${code}`);
    this.status = code;
  }
}

/** Puts a reply together from the pieces that have come. */
export class ReplyReader {
  #head: Head | undefined;
  #lines: string[] = [];

  /** The next whole reply; undefined when it is not all here yet. */
  next(inbox: ReceiveBuffer): PoolReply | PoolError | undefined {
    if (this.#head === undefined) {
      const line = inbox.line();
      if (line === undefined) return undefined;
      this.#head = readHead(line);
      if (this.#head === undefined) throw new ConnectionError(`this is no reply of pools: ${line}`);
    }
    const head = this.#head;
    if (!head.isOk) return this.#whole(new PoolError(head));
    if (head.code === Code.lines) return this.#readLines(head, inbox);
    if (head.code === Code.native) return this.#readBody(head, inbox);
    return this.#whole(replyOf(head));
  }

  /** Lines up to an empty one. */
  #readLines(head: Head, inbox: ReceiveBuffer): PoolReply | undefined {
    for (let line = inbox.line(); line !== undefined; line = inbox.line()) {
      if (line === "") return this.#whole(replyOf(head, { lines: this.#lines }));
      this.#lines.push(line);
    }
    return undefined;
  }

  /** So many bytes, and a line end. */
  #readBody(head: Head, inbox: ReceiveBuffer): PoolReply | undefined {
    const length = Number(head.parameters.get("length"));
    const body = inbox.take(length + "\r\n".length);
    if (body === undefined) return undefined;
    return this.#whole(replyOf(head, { json: JSON.parse(body) as unknown }));
  }

  #whole<R>(reply: R): R {
    this.#head = undefined;
    this.#lines = [];
    return reply;
  }
}

function replyOf({ code, parameters }: Head, rest: Partial<PoolReply> = {}): PoolReply {
  return { code, parameters, lines: [], json: undefined, ...rest };
}
