/**
 * WebSocket frames on the client's side, for tests. Pure. It writes them with the program's codec,
 * but has its own reader. So it notices a mistake that the codec makes in both directions, and it
 * knows the type of each frame.
 */
import { bytesOf } from "../../lib/wire/bytes.ts";
import { frame, Opcode } from "../../lib/wire/frames.ts";
import { AssertionError } from "./assert.ts";
import { type Match, readable, type Wanted } from "./wanted.ts";

export type FrameType = keyof typeof Opcode;

/** A received frame. */
export interface Frame {
  readonly type: FrameType;
  readonly text: string;
}

export interface SendOptions {
  readonly type?: FrameType | undefined;
  readonly final?: boolean | undefined;
  readonly masked?: boolean | undefined;
}

/** A frame as the server sends it: a whole message, not masked, with no reserved bit set. */
export const oneFrame: Wanted = {
  match(got: string): Match {
    if (got.length < 2) return "more";
    if ((got.charCodeAt(0) & 0xf0) !== 0x80 || got.charCodeAt(1) & 0x80) return "no";
    const { begin, end } = payloadOf(got);
    return got.length < begin || got.length < end ? "more" : end;
  },
  compare: (got) => `wanted a whole message in a frame without a mask\ngot ${readable(got)}`,
};

/** Parses a frame that `oneFrame` has matched. */
export function readFrame(whole: string): Frame {
  const found = Object.entries(Opcode).find(([, code]) => code === (whole.charCodeAt(0) & 0x0f));
  if (found === undefined) throw new AssertionError(`got an unknown opcode: ${readable(whole)}`);
  const { begin, end } = payloadOf(whole);
  return { type: found[0] as FrameType, text: whole.slice(begin, end) };
}

/** Returns where the payload is; only valid once the whole header is there. */
function payloadOf(got: string): { begin: number; end: number } {
  const short = got.charCodeAt(1) & 0x7f;
  const begin = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (begin === 2) return { begin, end: begin + short };
  const length = bytesOf(got.slice(2, begin)).reduce((sum, byte) => sum * 256 + byte, 0);
  return { begin, end: begin + length };
}

/** Returns a frame; by default a masked text frame. */
export function clientFrame(
  data: string | Uint8Array,
  options: SendOptions = {},
): Uint8Array<ArrayBuffer> {
  const { type = "text", final = true, masked = true } = options;
  const payload = typeof data === "string" ? bytesOf(data) : data;
  const mask = crypto.getRandomValues(new Uint8Array(4));
  return frame(Opcode[type], payload, masked ? { final, mask } : { final });
}
