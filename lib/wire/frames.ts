/**
 * WebSocket frames (RFC 6455 section 5), both directions, however they were cut on the way. Pure.
 *
 * Payload is handed on as it comes: a message of any length is never gathered here. Text is not
 * checked for valid UTF-8, because names are bytes. Anything the RFC forbids ends the reading with
 * a violation and the close code for it.
 */

export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export const CloseCode = { normal: 1000, goingAway: 1001, protocolError: 1002 } as const;

/** What came in. Payloads are good until the next call. */
export type FrameEvent =
  /** A piece of a message, and whether it is the last. One byte behind `bytes` is free to write. */
  | { readonly kind: "data"; readonly bytes: Uint8Array<ArrayBuffer>; readonly end: boolean }
  | {
    readonly kind: "ping" | "pong" | "close";
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "violation"; readonly code: number; readonly reason: string };

/** Two bytes, eight of length, four of mask. */
const HEADER_BYTES_MAX = 14;
/** RFC 6455 section 5.5. */
const CONTROL_BYTES_MAX = 125;

const NOTHING = new Uint8Array(0);

export class FrameReader {
  readonly #masked: boolean;
  #chunk = new Uint8Array(0);
  #at = 0;
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerBytes = 0;
  #leftBytes = 0;
  #maskAt = 0;
  #inFrame = false;
  #inMessage = false;
  readonly #control = new Uint8Array(CONTROL_BYTES_MAX);
  #controlBytes = 0;
  #payload = new Uint8Array(64);

  /** @param from who sends: clients must mask their frames, servers must not. */
  constructor(from: "client" | "server") {
    this.#masked = from === "client";
  }

  /** Takes a chunk in. All events before it must be out. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next event, or undefined when the chunk holds no more. */
  next(): FrameEvent | undefined {
    const event = this.#next();
    if (event === undefined) this.push(NOTHING); // an idle connection keeps no chunk
    return event;
  }

  #next(): FrameEvent | undefined {
    if (!this.#inFrame) {
      const needs = this.#readHeader();
      if (needs !== undefined) return needs === "more" ? undefined : needs;
    }
    return this.#isControl ? this.#readControl() : this.#readData();
  }

  get #opcode(): number {
    return this.#header[0]! & 0x0f;
  }

  get #isFinal(): boolean {
    return (this.#header[0]! & 0x80) !== 0;
  }

  get #isControl(): boolean {
    return this.#opcode >= Opcode.close;
  }

  /** Gathers the header; undefined when it is whole and lawful. */
  #readHeader(): FrameEvent | "more" | undefined {
    for (;;) {
      const needs = this.#headerNeeds();
      if (this.#headerBytes === needs) break;
      if (this.#at === this.#chunk.length) return "more";
      this.#header[this.#headerBytes++] = this.#chunk[this.#at++]!;
    }
    const length = this.#payloadLength();
    const reason = this.#violation(length);
    if (reason !== undefined) return { kind: "violation", code: CloseCode.protocolError, reason };
    this.#leftBytes = length;
    this.#maskAt = 0;
    this.#inFrame = true;
    return undefined;
  }

  #headerNeeds(): number {
    if (this.#headerBytes < 2) return 2;
    return 2 + this.#lengthBytes + (this.#header[1]! & 0x80 ? 4 : 0);
  }

  #payloadLength(): number {
    if (this.#lengthBytes === 0) return this.#header[1]! & 0x7f;
    let length = 0;
    for (let i = 2; i < 2 + this.#lengthBytes; i++) length = length * 256 + this.#header[i]!;
    return length;
  }

  /** What the length takes beyond the second byte, which says so itself. */
  get #lengthBytes(): number {
    const short = this.#header[1]! & 0x7f;
    return short === 126 ? 2 : short === 127 ? 8 : 0;
  }

  #violation(length: number): string | undefined {
    const opcode = this.#opcode;
    if (this.#header[0]! & 0x70) return "a reserved bit is set";
    if (((this.#header[1]! & 0x80) !== 0) !== this.#masked) return "wrong masking";
    if (length > Number.MAX_SAFE_INTEGER) return "the length is beyond reason";
    if (this.#headerBytes > shortestHeader(length, this.#masked)) return "the length is padded";
    if (opcode > Opcode.pong || (opcode > Opcode.binary && opcode < Opcode.close)) {
      return "unknown opcode";
    }
    if (this.#isControl) {
      if (!this.#isFinal) return "a control frame is fragmented";
      return length > CONTROL_BYTES_MAX ? "a control frame is too long" : undefined;
    }
    if ((opcode === Opcode.continuation) !== this.#inMessage) return "a fragment is out of place";
    return undefined;
  }

  #readControl(): FrameEvent | undefined {
    const bytes = this.#unmask(this.#control, this.#controlBytes);
    this.#controlBytes += bytes;
    if (this.#leftBytes > 0) return undefined;
    const payload = this.#control.subarray(0, this.#controlBytes);
    const opcode = this.#opcode;
    this.#endFrame();
    if (opcode === Opcode.close) return closeEvent(payload);
    return { kind: opcode === Opcode.ping ? "ping" : "pong", bytes: payload };
  }

  #readData(): FrameEvent | undefined {
    const there = Math.min(this.#leftBytes, this.#chunk.length - this.#at);
    if (there === 0 && this.#leftBytes > 0) return undefined;
    if (this.#payload.length <= there) this.#payload = new Uint8Array(2 * there);
    this.#unmask(this.#payload, 0);
    const end = this.#leftBytes === 0 && this.#isFinal;
    if (this.#leftBytes === 0) {
      this.#inMessage = !this.#isFinal;
      this.#endFrame();
    }
    return { kind: "data", bytes: this.#payload.subarray(0, there), end };
  }

  /** Copies what is there of the payload to `target`, unmasked; the number of bytes copied. */
  #unmask(target: Uint8Array, at: number): number {
    const chunk = this.#chunk;
    const from = this.#at;
    const count = Math.min(this.#leftBytes, chunk.length - from);
    if (this.#masked) {
      const header = this.#header;
      const mask = this.#headerBytes - 4;
      const phase = this.#maskAt;
      for (let i = 0; i < count; i++) {
        target[at + i] = chunk[from + i]! ^ header[mask + ((phase + i) & 3)]!;
      }
    } else {
      target.set(chunk.subarray(from, from + count), at);
    }
    this.#at += count;
    this.#maskAt += count;
    this.#leftBytes -= count;
    return count;
  }

  #endFrame(): void {
    this.#inFrame = false;
    this.#headerBytes = 0;
    this.#controlBytes = 0;
  }
}

/** A close frame carries nothing, or a code that may be sent and a reason. */
function closeEvent(payload: Uint8Array<ArrayBuffer>): FrameEvent {
  const code = payload.length < 2 ? 0 : payload[0]! * 256 + payload[1]!;
  const lawful = payload.length === 0 ||
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  if (lawful) return { kind: "close", bytes: payload };
  return { kind: "violation", code: CloseCode.protocolError, reason: "a bad close code" };
}

/** RFC 6455 section 5.2: the length is always written in the shortest form. */
function shortestHeader(length: number, masked: boolean): number {
  return 2 + (length < 126 ? 0 : length < 0x10000 ? 2 : 8) + (masked ? 4 : 0);
}

/** One whole frame. A client gives four bytes of mask. */
export function frame(
  opcode: number,
  payload: Uint8Array,
  options: { readonly final?: boolean; readonly mask?: Uint8Array } = {},
): Uint8Array<ArrayBuffer> {
  const { final = true, mask } = options;
  const length = payload.length;
  const headerBytes = shortestHeader(length, mask !== undefined);
  const bytes = new Uint8Array(headerBytes + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = (final ? 0x80 : 0) | opcode;
  bytes[1] = (mask ? 0x80 : 0) | (length < 126 ? length : length < 0x10000 ? 126 : 127);
  if (length >= 0x10000) view.setBigUint64(2, BigInt(length));
  else if (length >= 126) view.setUint16(2, length);
  bytes.set(payload, headerBytes);
  if (mask) {
    bytes.set(mask, headerBytes - 4);
    for (let i = 0; i < length; i++) bytes[headerBytes + i]! ^= mask[i & 3]!;
  }
  return bytes;
}

/** A close frame's payload. */
export function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}
