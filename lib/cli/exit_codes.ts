/** What the subcommands other than `serve` end with; docs/cli.md and the usage pages show this table. */

export const EXIT = Object.freeze({
  ok: 0,
  no: 1,
  usage: 64,
  unreachable: 69,
  unexpected: 70,
  busy: 75,
  lost: 76,
  denied: 77,
  timeout: 124,
  cannotRun: 126,
  notFound: 127,
  unread: 141,
});

type Name = keyof typeof EXIT;

/** In the order of the numbers. */
export const MEANINGS: Readonly<Record<Name, string>> = {
  ok: "done",
  no: "the answer is no: it was not locked, it was refused",
  usage: "the arguments were not understood, or the server cannot take them",
  unreachable: "the server cannot be reached",
  unexpected: "the server answered something unexpected",
  busy: "somebody else has it (--wait 0), too many wait, or the server is about to end",
  lost: "the lock was lost while the command ran, which was ended",
  denied: "the server does not allow it: force from another machine, listings with -dump=false",
  timeout: "it was not to be had within --wait",
  cannotRun: "the command cannot be run",
  notFound: "there is no such command",
  unread: "nobody reads the output any more (128 + SIGPIPE)",
};

/** A way to end: what to say on stderr, and the status. */
export class ExitError extends Error {
  override readonly name = "Failure";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
