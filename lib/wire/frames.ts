/**
 * Reads and writes WebSocket frames (RFC 6455 section 5). Chunks may split a frame anywhere. Pure.
 *
 * The reader returns payload as it arrives, so it never buffers a long message. It does not check
 * that text is valid UTF-8, because names are bytes. Anything that the RFC forbids is a violation
 * with a close code, after which the caller must stop reading.
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

/** A received event. Payloads are valid until the next call. */
export type FrameEvent =
  /** Part of a message. The caller may write to the one byte after `bytes`. */
  | { readonly kind: "data"; readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }
  | {
    readonly kind: "ping" | "pong" | "close";
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  | { readonly kind: "violation"; readonly code: number; readonly reason: string };

/** Two fixed bytes, eight of length, and four of mask. */
const HEADER_BYTES_MAX = 14;
/** RFC 6455 section 5.5. */
const CONTROL_BYTES_MAX = 125;

const EMPTY = new Uint8Array(0);

export class FrameReader {
  readonly #isMasked: boolean;
  #chunk = new Uint8Array(0);
  #offset = 0;
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerBytes = 0;
  #remainingBytes = 0;
  #maskOffset = 0;
  #isInFrame = false;
  #isInMessage = false;
  readonly #control = new Uint8Array(CONTROL_BYTES_MAX);
  #controlBytes = 0;
  #payload = new Uint8Array(64);

  /** @param from the sender: clients must mask their frames, servers must not. */
  constructor(from: "client" | "server") {
    this.#isMasked = from === "client";
  }

  /** Adds a chunk. All earlier events must have been read. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Returns the next event, or undefined when the chunk has no more. */
  next(): FrameEvent | undefined {
    const event = this.#next();
    if (event === undefined) this.push(EMPTY); // an idle connection keeps no chunk
    return event;
  }

  #next(): FrameEvent | undefined {
    if (!this.#isInFrame) {
      const missing = this.#readHeader();
      if (missing !== undefined) return missing === "more" ? undefined : missing;
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

  /** Reads the header; returns undefined when it is complete and valid. */
  #readHeader(): FrameEvent | "more" | undefined {
    for (;;) {
      const neededBytes = this.#headerBytesNeeded();
      if (this.#headerBytes === neededBytes) break;
      if (this.#offset === this.#chunk.length) return "more";
      this.#header[this.#headerBytes++] = this.#chunk[this.#offset++]!;
    }
    const length = this.#payloadLength();
    const reason = this.#violation(length);
    if (reason !== undefined) return { kind: "violation", code: CloseCode.protocolError, reason };
    this.#remainingBytes = length;
    this.#maskOffset = 0;
    this.#isInFrame = true;
    return undefined;
  }

  #headerBytesNeeded(): number {
    if (this.#headerBytes < 2) return 2;
    return 2 + this.#lengthBytes + (this.#header[1]! & 0x80 ? 4 : 0);
  }

  #payloadLength(): number {
    if (this.#lengthBytes === 0) return this.#header[1]! & 0x7f;
    let length = 0;
    for (let i = 2; i < 2 + this.#lengthBytes; i++) length = length * 256 + this.#header[i]!;
    return length;
  }

  /** The size of the extended length, which follows the second byte of the header. */
  get #lengthBytes(): number {
    const short = this.#header[1]! & 0x7f;
    return short === 126 ? 2 : short === 127 ? 8 : 0;
  }

  #violation(length: number): string | undefined {
    const opcode = this.#opcode;
    if (this.#header[0]! & 0x70) return "a reserved bit is set";
    if (((this.#header[1]! & 0x80) !== 0) !== this.#isMasked) return "wrong masking";
    if (length > Number.MAX_SAFE_INTEGER) return "the length is too large";
    if (this.#headerBytes > shortestHeader(length, this.#isMasked)) {
      return "the length is not in its shortest form";
    }
    if (opcode > Opcode.pong || (opcode > Opcode.binary && opcode < Opcode.close)) {
      return "unknown opcode";
    }
    if (this.#isControl) {
      if (!this.#isFinal) return "a control frame is fragmented";
      return length > CONTROL_BYTES_MAX ? "a control frame is too long" : undefined;
    }
    if ((opcode === Opcode.continuation) !== this.#isInMessage) return "a fragment is out of place";
    return undefined;
  }

  #readControl(): FrameEvent | undefined {
    this.#controlBytes += this.#unmask(this.#control, this.#controlBytes);
    if (this.#remainingBytes > 0) return undefined;
    const payload = this.#control.subarray(0, this.#controlBytes);
    const opcode = this.#opcode;
    this.#endFrame();
    if (opcode === Opcode.close) return closeEvent(payload);
    return { kind: opcode === Opcode.ping ? "ping" : "pong", bytes: payload };
  }

  #readData(): FrameEvent | undefined {
    const available = Math.min(this.#remainingBytes, this.#chunk.length - this.#offset);
    if (available === 0 && this.#remainingBytes > 0) return undefined;
    if (this.#payload.length <= available) this.#payload = new Uint8Array(2 * available);
    this.#unmask(this.#payload, 0);
    const isLast = this.#remainingBytes === 0 && this.#isFinal;
    if (this.#remainingBytes === 0) {
      this.#isInMessage = !this.#isFinal;
      this.#endFrame();
    }
    return { kind: "data", bytes: this.#payload.subarray(0, available), isLast };
  }

  /** Unmasks the available payload into `target` from index `to`; returns the number of bytes. */
  #unmask(target: Uint8Array, to: number): number {
    const chunk = this.#chunk;
    const from = this.#offset;
    const count = Math.min(this.#remainingBytes, chunk.length - from);
    if (this.#isMasked) {
      const header = this.#header;
      const mask = this.#headerBytes - 4;
      const phase = this.#maskOffset;
      for (let i = 0; i < count; i++) {
        target[to + i] = chunk[from + i]! ^ header[mask + ((phase + i) & 3)]!;
      }
    } else {
      target.set(chunk.subarray(from, from + count), to);
    }
    this.#offset += count;
    this.#maskOffset += count;
    this.#remainingBytes -= count;
    return count;
  }

  #endFrame(): void {
    this.#isInFrame = false;
    this.#headerBytes = 0;
    this.#controlBytes = 0;
  }
}

/** Returns the event of a close frame, which must be empty or carry a permitted code. */
function closeEvent(payload: Uint8Array<ArrayBuffer>): FrameEvent {
  const code = payload.length < 2 ? 0 : payload[0]! * 256 + payload[1]!;
  const isPermitted = payload.length === 0 ||
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
  if (isPermitted) return { kind: "close", bytes: payload };
  return {
    kind: "violation",
    code: CloseCode.protocolError,
    reason: "a close code that must not be sent",
  };
}

/** Returns the size of a header whose length has its shortest form (RFC 6455 section 5.2). */
function shortestHeader(length: number, masked: boolean): number {
  return 2 + (length < 126 ? 0 : length < 0x10000 ? 2 : 8) + (masked ? 4 : 0);
}

/** Returns a whole frame. A client passes a mask of four bytes. */
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

/** Returns the payload of a close frame. */
export function closePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}
