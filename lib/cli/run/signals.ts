/**
 * The signals that `run` takes: while it waits they end it, while the command runs they are its.
 * What was ignored when we were started stays ignored, by us and by the command.
 */
import { log } from "../../log.ts";
import { ignore, isIgnored } from "./posix.ts";

/** Those that another process may send us for the command. */
const TAKEN: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH"];
/** These write a core; ours would be of no use. */
const WITH_CORE = /^SIG(QUIT|ILL|TRAP|ABRT|EMT|FPE|BUS|SEGV|SYS|XCPU|XFSZ)$/;
/** How long a signal to oneself takes to arrive, at most; process 1 of a container never gets it. */
const ARRIVAL_MS = 100;

export class Signals implements Disposable {
  readonly #listeners = new Map<Deno.Signal, () => void>();
  #take: (signal: Deno.Signal) => void;

  /** Listens from now on. */
  constructor(take: (signal: Deno.Signal) => void) {
    this.#take = take;
    const ignored = TAKEN.filter(isIgnored);
    for (const signal of TAKEN) {
      if (ignored.includes(signal)) continue;
      const listener = () => this.#take(signal);
      Deno.addSignalListener(signal, listener);
      this.#listeners.set(signal, listener);
    }
    for (const signal of ignored) ignore(signal);
  }

  /** Another taker from now on. */
  give(take: (signal: Deno.Signal) => void): void {
    this.#take = take;
  }

  /** Signals do again what they do to any program. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.clear();
  }
}

/**
 * Ends this process by the signal that ended another, so that a shell sees what it would have seen
 * without us: a loop ends at Ctrl-C, 128 + n is in `$?`. Returns that status where it cannot.
 */
export async function endBy(signal: Deno.Signal, status: number): Promise<number> {
  await log.flush();
  if (Deno.build.os === "windows" || WITH_CORE.test(signal)) return status;
  try {
    Deno.kill(Deno.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
  } catch { /* no such signal here, or no permission: the status says it, too */ }
  return status;
}
