/** Reads WebSocket frames for tests, and tells what it read in a form that is easy to compare. */
import { textOf } from "../../lib/wire/bytes.ts";
import { FrameReader } from "../../lib/wire/frames.ts";
import { assert } from "./assert.ts";
import type { Bytes } from "./chunks.ts";

export type Side = "client" | "server";
/** Whole messages and control frames with their payload; a violation with its close code. */
export type Told = [kind: string, what: string | number];

export const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

/** How a side's frames are written: clients mask them. */
export function maskOf(side: Side): { readonly mask?: Uint8Array } {
  return side === "client" ? { mask: MASK } : {};
}

export function join(parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** All that was told of the frames that a side sent. */
export function readFrames(from: Side, chunks: readonly Bytes[]): Told[] {
  return new FrameListener(from).hear(chunks).told;
}

/** A reader with what it has told so far. A message is told once it is whole. */
export class FrameListener {
  readonly told: Told[] = [];
  readonly #reader: FrameReader;
  #message = "";

  constructor(from: Side) {
    this.#reader = new FrameReader(from);
  }

  /** Goes on until a violation. Spoils the chunks, and the one byte behind data that is free. */
  hear(chunks: readonly Bytes[]): this {
    for (const chunk of chunks) {
      if (this.told.at(-1)?.[0] === "violation") break;
      this.#reader.push(chunk);
      this.#drain();
      chunk.fill(0x58);
    }
    return this;
  }

  #drain(): void {
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      if (event.kind === "violation") {
        this.told.push([event.kind, event.code]);
        return;
      }
      if (event.kind !== "data") {
        this.told.push([event.kind, textOf(event.bytes)]);
        continue;
      }
      this.#message += textOf(event.bytes);
      new Uint8Array(event.bytes.buffer, event.bytes.byteOffset)[event.bytes.length] = 0x58;
      assert(event.bytes.byteOffset + event.bytes.length < event.bytes.buffer.byteLength);
      if (!event.end) continue;
      this.told.push(["message", this.#message]);
      this.#message = "";
    }
  }
}
