/** Repeatable randomness: everything follows from a seed, and failures must name the seed. */

/** Returns a generator of numbers from 0 up to, not including, 1: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns three seeds that never change, and a new one. */
export function someSeeds(): number[] {
  return [1, 2, 3, Math.floor(Math.random() * 2 ** 32)];
}

/** Returns a whole number from 0 up to, not including, `end`. */
export function below(random: () => number, end: number): number {
  return Math.floor(random() * end);
}

/** Returns one of `choices`. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[below(random, choices.length)]!;
}
