/** Reads WebSocket frames for tests, and returns them in a form that is easy to compare. */
import { textOf } from "../../lib/wire/bytes.ts";
import { FrameReader } from "../../lib/wire/frames.ts";
import { assert } from "./assert.ts";
import type { Bytes } from "./chunks.ts";

export type Side = "client" | "server";
/** A whole message or a control frame with its payload, or a violation with its close code. */
export type FrameRecord = [kind: string, content: string | number];

export const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** Returns the frame options of a side: clients mask their frames. */
export function maskOf(side: Side): { readonly mask?: Uint8Array } {
  return side === "client" ? { mask: MASK } : {};
}

/** Concatenates bytes. */
export function join(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Returns the records of the frames that a side sent. */
export function readFrames(from: Side, chunks: readonly Bytes[]): FrameRecord[] {
  return new FrameCollector(from).read(chunks).records;
}

/** A frame reader that collects records. A message is recorded when it is whole. */
export class FrameCollector {
  readonly records: FrameRecord[] = [];
  readonly #reader: FrameReader;
  #message = "";

  constructor(from: Side) {
    this.#reader = new FrameReader(from);
  }

  /** Reads up to a violation. Overwrites the chunks, and the free byte behind data. */
  read(chunks: readonly Bytes[]): this {
    for (const chunk of chunks) {
      if (this.records.at(-1)?.[0] === "violation") break;
      this.#reader.push(chunk);
      this.#drain();
      chunk.fill(0x58);
    }
    return this;
  }

  #drain(): void {
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      if (event.kind === "violation") {
        this.records.push([event.kind, event.code]);
        return;
      }
      if (event.kind !== "data") {
        this.records.push([event.kind, textOf(event.bytes)]);
        continue;
      }
      this.#message += textOf(event.bytes);
      new Uint8Array(event.bytes.buffer, event.bytes.byteOffset)[event.bytes.length] = 0x58;
      assert(event.bytes.byteOffset + event.bytes.length < event.bytes.buffer.byteLength);
      if (!event.isLast) continue;
      this.records.push(["message", this.#message]);
      this.#message = "";
    }
  }
}
