/** The face of `@std/async`, as far as it is used here: npm's republication has no types. */
export function deadline<T>(promise: Promise<T>, ms: number): Promise<T>;
export function delay(ms: number, options?: { signal?: AbortSignal }): Promise<void>;
