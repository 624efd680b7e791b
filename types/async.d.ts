/** The face of `@std/async/deadline`, as far as it is used here: npm's republication has no types. */
export function deadline<T>(promise: Promise<T>, ms: number): Promise<T>;
