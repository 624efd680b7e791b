/** Each refusal of the server becomes an error of its own class, with the values of the reply. */
import {
  BusyError,
  DeadlockError,
  DeniedError,
  DisabledError,
  DrainingError,
  HoldfastError,
  LimitError,
  LockLostError,
  RequestError,
  TimeoutError,
} from "../../lib/client/errors.ts";
import { errorOf } from "../../lib/client/refusals.ts";
import { readLine } from "../../lib/wire/extended.ts";
import { assert, assertEquals } from "../support/assert.ts";

function errorFor(line: string): HoldfastError {
  const read = readLine(line);
  assert(read !== undefined, line);
  return errorOf(read, "acquire", ["a", "b"]);
}

const REFUSALS = [
  ["0 busy holder=bob since=1 queue=0", BusyError, "busy"],
  ["0 timeout waited=5 holder=bob since=1 queue=2", TimeoutError, "timeout"],
  ["0 deadlock cycle=bob,alice", DeadlockError, "deadlock"],
  ["0 limit message=too\\smany", LimitError, "limit"],
  ["0 draining", DrainingError, "draining"],
  ["0 denied", DeniedError, "denied"],
  ["0 disabled", DisabledError, "disabled"],
  ["0 error message=what\\sis\\sthis", RequestError, "error"],
  ["0 something-new", RequestError, "error"],
] as const;

for (const [line, type, code] of REFUSALS) {
  Deno.test(`"${line}" is a ${type.name}`, () => {
    const error = errorFor(line);
    assert(error instanceof type);
    assert(error instanceof HoldfastError);
    assertEquals([error.code, error.name], [code, type.name]);
    assert(error.message.length > 5);
  });
}

Deno.test("TimeoutError reports what the server says about the lock and its holder", () => {
  const error = errorFor("0 timeout waited=5 holder=bob\\c\\sjr since=7 why=x queue=2 name=b");
  assert(error instanceof TimeoutError);
  const { lock, holder, sinceMs, why, queue, waitedMs } = error;
  assertEquals([lock, holder, sinceMs, why, queue, waitedMs], ["b", "bob, jr", 7, "x", 2, 5]);
  assertEquals(error.message, 'Cannot acquire "b" in 5 ms: held by bob, jr (x); 2 waiting');
});

Deno.test("DeadlockError reports the cycle, also with commas in names", () => {
  const error = errorFor("0 deadlock cycle=a\\cb,c");
  assert(error instanceof DeadlockError);
  assertEquals(error.cycle, ["a,b", "c"]);
  assert(error.message.endsWith("a,b -> c -> a,b"));
});

Deno.test("LockLostError reports how the lock was lost, and why", () => {
  const error = new LockLostError(["a", "b"], "forced", "maintenance");
  assertEquals(error.message, 'Lost "a", "b": taken away by force: maintenance');
  assertEquals([error.code, error.how, error.why], ["lost", "forced", "maintenance"]);
});
