/**
 * The signals that `run` handles: they end `run` while it waits, and are forwarded to the command
 * while that runs. Signals that were ignored when this process started stay ignored in both.
 */
// @ts-types="../../../types/async.d.ts"
import { delay } from "@std/async/delay";
import { log } from "../../log.ts";
import { ignore, isIgnored } from "./posix.ts";

/** The signals that another process may send to `run`, meant for the command. */
const HANDLED: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH"];
/** Signals that write a core file; a core file of this process would be useless. */
const WITH_CORE = /^SIG(QUIT|ILL|TRAP|ABRT|EMT|FPE|BUS|SEGV|SYS|XCPU|XFSZ)$/;
/** How long to wait for the signal; process 1 of a container never receives it. */
const ARRIVAL_MS = 100;

export class SignalForwarder implements Disposable {
  readonly #listeners = new Map<Deno.Signal, () => void>();
  #handler: (signal: Deno.Signal) => void;

  /** Starts listening. */
  constructor(handler: (signal: Deno.Signal) => void) {
    this.#handler = handler;
    const ignored = HANDLED.filter(isIgnored);
    for (const signal of HANDLED) {
      if (ignored.includes(signal)) continue;
      const listener = () => this.#handler(signal);
      Deno.addSignalListener(signal, listener);
      this.#listeners.set(signal, listener);
    }
    for (const signal of ignored) ignore(signal);
  }

  setHandler(handler: (signal: Deno.Signal) => void): void {
    this.#handler = handler;
  }

  /** Restores the default actions. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.clear();
  }
}

/**
 * Ends this process by the signal that ended the command, so that a shell behaves as without `run`:
 * a loop ends at Ctrl-C, and `$?` is 128 + n. Resolves to `status` if the process does not end.
 */
export async function raiseSignal(signal: Deno.Signal, status: number): Promise<number> {
  await log.flush();
  if (Deno.build.os === "windows" || WITH_CORE.test(signal)) return status;
  try {
    Deno.kill(Deno.pid, signal);
    await delay(ARRIVAL_MS);
  } catch { /* no such signal here, or no permission: the status reports the signal */ }
  return status;
}
