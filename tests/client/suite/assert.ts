/** Assertions for every runtime: the suite also runs where there is no test library. */

export function assert(value: unknown, message = "the assertion is false"): asserts value {
  if (!value) throw new Error(message);
}

/** Compares the values as JSON, which is enough here. */
export function assertEquals(actual: unknown, expected: unknown): void {
  const [actualJson, expectedJson] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (actualJson !== expectedJson) throw new Error(`got ${actualJson}, expected ${expectedJson}`);
}

/** Returns the error that the promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const resolved = Symbol();
  const outcome = await promise.then(() => resolved, (error: unknown) => error);
  if (outcome === resolved) throw new Error("the promise resolved, expected a rejection");
  return outcome;
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** Returns the error that the promise rejects with, which must be of the class. */
export async function rejects<T>(promise: Promise<unknown>, type: Class<T>): Promise<T> {
  const error = await rejectionOf(promise);
  if (error instanceof type) return error;
  throw new Error(`the promise rejected with another error: ${String(error)}`);
}

/** Checks that the promise rejects with the DOMException of that name. */
export async function rejectsAs(promise: Promise<unknown>, name: string): Promise<void> {
  const error = await rejectionOf(promise);
  if (error instanceof DOMException) return assertEquals(error.name, name);
  throw new Error(`the promise rejected with another error: ${String(error)}`);
}
