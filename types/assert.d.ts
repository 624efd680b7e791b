/** The face of `@std/assert`, as far as it is used here: npm's republication has no types. */
export class AssertionError extends Error {}
export function assert(value: unknown, message?: string): asserts value;
export function assertEquals<T>(actual: T, expected: T, message?: string): void;
export function assertMatch(actual: string, expected: RegExp, message?: string): void;
export function assertStringIncludes(actual: string, expected: string, message?: string): void;
export function assertThrows(
  action: () => unknown,
  kind?: new (...args: never[]) => Error,
  messageIncludes?: string,
): unknown;
export function assertRejects(
  action: () => Promise<unknown>,
  kind?: new (...args: never[]) => Error,
  messageIncludes?: string,
): Promise<unknown>;
export function fail(message?: string): never;
