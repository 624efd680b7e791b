/** Sends the bytes of one socket, and keeps those that the kernel does not take at once. */
import { lostError, stalledError } from "../errors.ts";
import { type Libc, MSG_NOSIGNAL } from "./libc.ts";

const EMPTY = new Uint8Array(1);

export class SocketWriter {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #unsentBytesMax: number;
  readonly #address: string;
  #unsent: Uint8Array<ArrayBuffer> | undefined;
  #flushed: PromiseWithResolvers<void> | undefined;
  /** Whether the socket is broken in both directions. */
  isBroken = false;

  /**
   * @param unsentBytesMax how many bytes may wait for a peer that does not read
   * @param address the peer's, for errors.
   */
  constructor(libc: Libc, fd: number, unsentBytesMax: number, address: string) {
    this.#libc = libc;
    this.#fd = fd;
    this.#unsentBytesMax = unsentBytesMax;
    this.#address = address;
  }

  /** Whether some bytes wait until the kernel has room for them. */
  get hasUnsent(): boolean {
    return this.#unsent !== undefined;
  }

  /** Settles when the unsent bytes are sent or lost; undefined when there are none. */
  get flushed(): Promise<void> | undefined {
    return this.#flushed?.promise;
  }

  /**
   * Sends the bytes. Returns undefined when the kernel took them all, or else a promise for the
   * rest. Throws `ConnectionLostError`.
   */
  send(bytes: Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    const unsent = this.#unsent;
    const count = unsent === undefined ? this.#transmit(bytes) : 0;
    if (count === bytes.length) return undefined;
    if (this.isBroken) throw lostError("write to", this.#address);
    const restBytes = bytes.length - count + (unsent?.length ?? 0);
    if (restBytes > this.#unsentBytesMax) {
      this.isBroken = true; // a reply is cut off, so nothing more can be sent
      throw stalledError(this.#address, restBytes);
    }
    this.#unsent = new Uint8Array(restBytes);
    if (unsent !== undefined) this.#unsent.set(unsent);
    this.#unsent.set(bytes.subarray(count), unsent?.length ?? 0);
    this.#flushed ??= Promise.withResolvers();
    return this.#flushed.promise;
  }

  /** Sends unsent bytes when the kernel reports room for them. */
  sendRest(): void {
    const unsent = this.#unsent!;
    const count = this.isBroken ? 0 : this.#transmit(unsent);
    // The kernel has room, but rejects even an empty send: the peer has closed its receiving side.
    if (count === 0 && this.#transmitNothing() < 0) this.isBroken = true;
    if (this.isBroken) this.#flushed!.reject(lostError("write to", this.#address));
    else if (count === unsent.length) this.#flushed!.resolve();
    else {
      this.#unsent = unsent.subarray(count);
      return;
    }
    this.#unsent = undefined;
    this.#flushed = undefined;
  }

  /** Rejects the promise for the unsent bytes, which are lost because the socket is closed. */
  abort(): void {
    this.#flushed?.reject(lostError("write to", this.#address));
  }

  #transmit(bytes: Uint8Array<ArrayBuffer>): number {
    return Math.max(0, this.#libc.send(this.#fd, bytes, bytes.length, MSG_NOSIGNAL));
  }

  /** Sends zero bytes, which fails when the socket cannot send, but not for lack of room. */
  #transmitNothing(): number {
    return this.#libc.send(this.#fd, EMPTY, 0, MSG_NOSIGNAL);
  }
}
