/**
 * Ways to cut bytes into chunks, as a network does. The chunks are copies, which a test may
 * overwrite.
 */
import { below } from "./random.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Cut = (bytes: Bytes) => Bytes[];

/** The cuts that every table of test cases is run with. */
export const CUTS: readonly (readonly [title: string, cut: Cut])[] = [
  ["whole", (bytes) => [bytes.slice()]],
  ["byte by byte", (bytes) => {
    const copy = bytes.slice();
    return Array.from(copy, (_, at) => copy.subarray(at, at + 1));
  }],
];

/** Returns a cut into random chunks of up to `bytesMax` bytes; some are empty. */
export function randomCut(random: () => number, bytesMax: number): Cut {
  return (bytes) => {
    const chunks = [];
    for (let from = 0; from < bytes.length;) {
      const to = from + below(random, bytesMax + 1);
      chunks.push(bytes.slice(from, to));
      from = to;
    }
    return chunks;
  };
}
