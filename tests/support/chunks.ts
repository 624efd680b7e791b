/** Ways to cut bytes into chunks, as a network does; all copies, which a test may spoil. */
import { below } from "./random.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Cut = (bytes: Bytes) => Bytes[];

/** The two ways that every table is read in. */
export const CUTS: readonly (readonly [title: string, cut: Cut])[] = [
  ["whole", (bytes) => [bytes.slice()]],
  ["byte by byte", (bytes) => {
    const copy = bytes.slice();
    return Array.from(copy, (_, at) => copy.subarray(at, at + 1));
  }],
];

/** Chunks of up to `most` bytes; now and then one of none. */
export function randomly(random: () => number, most: number): Cut {
  return (bytes) => {
    const chunks = [];
    for (let from = 0; from < bytes.length;) {
      const to = from + below(random, most + 1);
      chunks.push(bytes.slice(from, to));
      from = to;
    }
    return chunks;
  };
}
