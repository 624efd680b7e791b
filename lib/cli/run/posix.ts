/**
 * Facts about this process that Deno does not offer, from the C library: which signals were ignored
 * when it started (nohup, background jobs of a shell), and whether it is in the foreground of its
 * terminal. Without the C library, the functions return the more likely answer.
 */
import { log } from "../../log.ts";

const SYMBOLS = {
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
} as const;

const NUMBERS: Readonly<Partial<Record<Deno.Signal, number>>> = Deno.build.os === "darwin"
  ? { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15, SIGUSR1: 30, SIGUSR2: 31 }
  : { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15, SIGUSR1: 10, SIGUSR2: 12 };
/** At least the size of `struct sigaction`; the handler is its first field on Linux and macOS. */
const SIGACTION_BYTES_MAX = 256;
const SIG_IGN = 1n;
/** stdin, stdout and stderr: usually one of them is the terminal. */
const STREAMS = [0, 1, 2];

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;
let library: Library | undefined | null;

function libc(): Library | undefined {
  if (library === undefined) library = open() ?? null;
  return library ?? undefined;
}

function open(): Library | undefined {
  const { os } = Deno.build;
  if (os !== "linux" && os !== "darwin") return undefined;
  try {
    return Deno.dlopen(os === "linux" ? "libc.so.6" : "libSystem.B.dylib", SYMBOLS);
  } catch {
    return undefined; // no --allow-ffi, or another C library
  }
}

/** Returns whether this process started with the signal ignored. Call before adding listeners. */
export function isIgnored(signal: Deno.Signal): boolean {
  const number = NUMBERS[signal];
  const c = libc();
  if (number === undefined || c === undefined) return false;
  const action = new BigUint64Array(SIGACTION_BYTES_MAX / 8);
  return c.symbols.sigaction(number, null, new Uint8Array(action.buffer)) === 0 &&
    action[0] === SIG_IGN;
}

/**
 * Ignores the signal again. The first listener for any signal makes Deno handle SIGHUP, SIGINT and
 * SIGTERM too, so a command would start with their default actions despite nohup.
 */
export function ignore(signal: Deno.Signal): void {
  const number = NUMBERS[signal];
  if (number !== undefined) libc()?.symbols.signal(number, Deno.UnsafePointer.create(SIG_IGN));
}

/** Returns whether the terminal sends Ctrl-C and Ctrl-\ to this process group and its command. */
export function isForeground(): boolean {
  const c = libc();
  if (c === undefined) return isAtTerminal();
  const group = c.symbols.getpgrp();
  return STREAMS.some((stream) => c.symbols.tcgetpgrp(stream) === group);
}

/** Returns whether one of the standard streams is a terminal. */
export function isAtTerminal(): boolean {
  return Deno.stdin.isTerminal() || log.isTerminal("stdout") || log.isTerminal("stderr");
}
