/** A client's connection to a server, in calls that wait in the kernel. Linux only. */
import { MSG_NOSIGNAL, SHUT_WR, SOL_SOCKET } from "../../lib/transport/epoll/libc.ts";
import { connect, type Endpoint, libc, nowMs, setOption } from "./libc.ts";

const SO_LINGER = 13;
const SO_RCVTIMEO = 20;
const REPLY_TIMEOUT_SECONDS = 60n;
const LF = 0x0a;
const TAIL_BYTES = 100;
/** Received bytes; all connections share the buffer because only one reads at a time. */
const received = new Uint8Array(1024 * 1024);

export class Connection implements Disposable {
  /** The descriptor, for a poller. */
  readonly fd: number;

  constructor(endpoint: Endpoint) {
    this.fd = connect(endpoint);
    setOption(this.fd, SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(REPLY_TIMEOUT_SECONDS, 0n));
  }

  /** Sends requests, which must fit into the socket's buffer. */
  send(requests: string): void {
    const bytes = new TextEncoder().encode(requests);
    const sent = libc().send(this.fd, bytes, bytes.length, MSG_NOSIGNAL);
    if (sent !== bytes.length) throw new Error("Cannot send: the server closed the connection");
  }

  /** Sends a request and returns its reply, a line. */
  ask(request: string): string {
    this.send(`${request}\n`);
    return this.readUntil("\n");
  }

  /** Waits for bytes and returns those that have arrived. */
  read(): string {
    return new TextDecoder().decode(this.#receive());
  }

  /** Reads until the text ends with `end`, or matches it. */
  readUntil(end: string | RegExp): string {
    let text = "";
    const isWhole = () => typeof end === "string" ? text.endsWith(end) : end.test(text);
    while (!isWhole()) text += this.read();
    return text;
  }

  /** Reads `count` lines and discards them. */
  skipLines(count: number): void {
    while (count > 0) {
      for (const byte of this.#receive()) if (byte === LF) count--;
    }
  }

  /** Reads until the server closes; returns the number of bytes and the last of them as text. */
  readToEnd(): { readonly bytes: number; readonly tail: string } {
    let bytes = 0;
    let tail = "";
    for (let piece = this.#next(); piece.length > 0; piece = this.#next()) {
      bytes += piece.length;
      tail = (tail + new TextDecoder().decode(piece.subarray(-TAIL_BYTES))).slice(-TAIL_BYTES);
    }
    return { bytes, tail };
  }

  /** Makes `close()` reset a TCP connection, as a crash does: unsent bytes are discarded. */
  resetOnClose(): void {
    setOption(this.fd, SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
  }

  /** Ends the sending side: the server answers what it has received, then closes. */
  closeWrite(): void {
    libc().shutdown(this.fd, SHUT_WR);
  }

  close(): void {
    libc().close(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(): Uint8Array {
    const piece = this.#next();
    if (piece.length === 0) throw new Error("Cannot read: the server closed the connection");
    return piece;
  }

  #next(): Uint8Array {
    const length = libc().recv(this.fd, received, received.length, 0);
    if (length < 0) throw new Error("Cannot read: connection lost, or no reply in 60 s");
    return received.subarray(0, length);
  }
}

/** Resets connections; those of a Unix socket are closed. Returns how many milliseconds it took. */
export function resetAll(connections: readonly Connection[]): number {
  for (const connection of connections) connection.resetOnClose();
  const startMs = nowMs();
  for (const connection of connections) connection.close();
  return nowMs() - startMs;
}
