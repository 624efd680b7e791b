// deno-lint-ignore-file no-console -- a benchmark says why it stops
/** A benchmark that a signal ends in order: what it started is ended, too. */

/**
 * Runs `work` until it ends or a signal comes, of which its own signal tells it; then exits, with
 * 130 if it was cut short, else with `Deno.exitCode`.
 *
 * @throws what `work` throws without a signal
 */
export async function runUntilSignal(
  work: (signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => interrupted.abort());
  }
  try {
    await work(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.error("Interrupted; what was started is ended");
    Deno.exitCode = 130;
  }
  return Deno.exit(); // the signals would be listened to for ever
}
