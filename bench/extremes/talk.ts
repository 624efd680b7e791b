/** A client's side of a connection, in calls that wait in the kernel. Linux only. */
import { MSG_NOSIGNAL, SHUT_WR, SOL_SOCKET } from "../../lib/transport/epoll/libc.ts";
import type { Calls } from "../load/calls.ts";
import { dial, type Place } from "../load/dial.ts";

const SO_LINGER = 13;
const SO_RCVTIMEO = 20;
/** How long to wait for a reply. */
const PATIENCE_SECONDS = 60n;
const LF = 0x0a;
const TAIL_BYTES = 100;

export class Talk implements Disposable {
  readonly #calls: Calls;
  readonly #fd: number;
  /** What has come; one for all, as none waits while another does. */
  static readonly #buffer = new Uint8Array(1024 * 1024);

  constructor(calls: Calls, place: Place) {
    this.#calls = calls;
    this.#fd = dial(calls, place, false);
    this.#set(SO_RCVTIMEO, new Uint8Array(BigInt64Array.of(PATIENCE_SECONDS, 0n).buffer));
  }

  /** For who wants to be told when something has come. */
  get fd(): number {
    return this.#fd;
  }

  /** It must fit into the socket's buffers. */
  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const sent = this.#calls.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL);
    if (sent !== bytes.length) throw new Error("The server has ended a connection");
  }

  /** Reads what has come, waiting for it. */
  read(): string {
    return new TextDecoder().decode(this.#some());
  }

  /** Reads so many lines, and drops them. */
  dropLines(count: number): void {
    while (count > 0) {
      for (const byte of this.#some()) if (byte === LF) count--;
    }
  }

  /** Reads to where the text ends like that. */
  readTo(end: string | RegExp): string {
    let text = "";
    const isOver = () => typeof end === "string" ? text.endsWith(end) : end.test(text);
    while (!isOver()) text += new TextDecoder().decode(this.#some());
    return text;
  }

  /** Reads to the end of the connection: how many bytes there were, and the last of them. */
  readAll(): { readonly bytes: number; readonly tail: string } {
    let bytes = 0;
    let tail = "";
    for (let piece = this.#next(); piece.length > 0; piece = this.#next()) {
      bytes += piece.length;
      tail = (tail + new TextDecoder().decode(piece.subarray(-TAIL_BYTES))).slice(-TAIL_BYTES);
    }
    return { bytes, tail };
  }

  /** With `close`, leaves as a crash would: what is on its way is dropped. */
  makeAbrupt(): void {
    this.#set(SO_LINGER, new Uint8Array(Int32Array.of(1, 0).buffer));
  }

  /** The server answers what was said, and ends the connection. */
  endSaying(): void {
    this.#calls.shutdown(this.#fd, SHUT_WR);
  }

  close(): void {
    this.#calls.close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #set(option: number, value: Uint8Array<ArrayBuffer>): void {
    this.#calls.setsockopt(this.#fd, SOL_SOCKET, option, value, value.length);
  }

  #some(): Uint8Array {
    const piece = this.#next();
    if (piece.length === 0) throw new Error("The server has ended a connection");
    return piece;
  }

  #next(): Uint8Array {
    const buffer = Talk.#buffer;
    const length = this.#calls.recv(this.#fd, buffer, buffer.length, 0);
    if (length < 0) throw new Error("A connection was lost, or nothing came in a minute");
    return buffer.subarray(0, length);
  }
}
