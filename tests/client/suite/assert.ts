/** Assertions for every runtime: the suite runs where no test library is. */

export function ok(value: unknown, what = "what should be so is not"): asserts value {
  if (!value) throw new Error(what);
}

/** Compares as JSON, which is enough for what is compared here. */
export function same(actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`it is ${is}, not ${should}`);
}

/** What it fails with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const succeeded = Symbol();
  const outcome = await promise.then(() => succeeded, (error: unknown) => error);
  if (outcome === succeeded) throw new Error("it should have failed");
  return outcome;
}

// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

/** The error of that class that it fails with. */
export async function fails<T>(promise: Promise<unknown>, type: Class<T>): Promise<T> {
  const error = await failure(promise);
  if (error instanceof type) return error;
  throw new Error(`it failed with another error: ${String(error)}`);
}

/** The DOMException of that name that it fails with. */
export async function failsAs(promise: Promise<unknown>, name: string): Promise<void> {
  const error = await failure(promise);
  if (error instanceof DOMException) return same(error.name, name);
  throw new Error(`it failed with another error: ${String(error)}`);
}
