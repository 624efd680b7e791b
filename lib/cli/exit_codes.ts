/** The exit statuses of all subcommands except `serve`; docs/cli.md and usage pages list them. */

export const EXIT = Object.freeze({
  ok: 0,
  negative: 1,
  usage: 64,
  unreachable: 69,
  unexpected: 70,
  busy: 75,
  lost: 76,
  denied: 77,
  timeout: 124,
  cannotRun: 126,
  notFound: 127,
  brokenPipe: 141,
});

/** In numerical order. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "success",
  negative: "the lock was not locked, or the server refused a line",
  usage: "wrong arguments, or the server rejected them",
  unreachable: "cannot reach the server",
  unexpected: "unexpected reply from the server",
  busy: "held by another client (with --wait 0), too many waiters, or the server is stopping",
  lost: "the lock was lost while the command ran, and the command was ended",
  denied: "the server does not allow it: force from another machine, or listings with -dump=false",
  timeout: "not acquired within --wait",
  cannotRun: "cannot execute the command",
  notFound: "command not found",
  brokenPipe: "the reader of the output is gone (128 + SIGPIPE)",
};

/** Ends the program with a message on stderr and an exit status. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
