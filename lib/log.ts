/**
 * All output of the program: requested output goes to stdout, errors to stderr.
 *
 * Logging never waits. Lines are queued up to a limit, and dropped and counted beyond it, so that a
 * stopped terminal or an unread pipe cannot block the server. The output of a command is not a log:
 * `print` waits for the reader and drops nothing.
 *
 * A log line may contain bytes that a client chose, as one character per byte. Control bytes are
 * written as \xNN, so that no client can forge a line or control a terminal.
 */
import { LOG_LINE_LENGTH_MAX, LOG_QUEUE_BYTES_MAX } from "./limits.ts";
import { bytesOf } from "./wire/bytes.ts";

/** The bytes that may control a terminal: C0, DEL, and C1 in UTF-8. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]|\xc2[\x80-\x9f]/g;
/** The same in Unicode text, without line feeds, because a stack trace has several lines. */
// deno-lint-ignore no-control-regex
const CONTROL_BUT_LF = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
/** Pause before a retry if another program has made the stream non-blocking. */
const RETRY_MS = 20;
/** How long `flush` waits for the queue to be written. */
const FLUSH_MS = 500;

/** A stream to which lines are written in the background, in order. */
class LogStream {
  readonly #stream: { write(bytes: Uint8Array): Promise<number> };
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;

  constructor(stream: { write(bytes: Uint8Array): Promise<number> }) {
    this.#stream = stream;
  }

  enqueue(line: Uint8Array): void {
    if (this.#queuedBytes + line.length > LOG_QUEUE_BYTES_MAX) {
      this.#lost++;
      return;
    }
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#writing ??= this.#writeQueue();
  }

  /** Writes all bytes, however long that takes. Resolves to false when the reader is gone. */
  async print(bytes: Uint8Array): Promise<boolean> {
    await this.#writing;
    return await this.#write(bytes);
  }

  /** Resolves when the queue is written, or after `FLUSH_MS`. */
  async flush(): Promise<void> {
    let timer;
    const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, FLUSH_MS));
    await Promise.race([this.#writing, timeout]);
    clearTimeout(timer);
  }

  async #writeQueue(): Promise<void> {
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      this.#queue = [];
      let isWritten = true;
      for (const line of lines) {
        isWritten = await this.#write(line);
        if (!isWritten) this.#lost++;
        this.#queuedBytes -= line.length;
      }
      if (isWritten && this.#lost > 0) this.#report();
    }
    this.#writing = undefined;
  }

  /** Resolves to whether the line was written: a reader that is gone must not stop the server. */
  async #write(line: Uint8Array): Promise<boolean> {
    for (let sent = 0; sent < line.length;) {
      try {
        sent += await this.#stream.write(line.subarray(sent));
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) return false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return true;
  }

  /** Reports lost lines in their place, before the lines queued since. Ignores the queue limit. */
  #report(): void {
    const line = bytesOf(`(${this.#lost} lines lost: the log was not read fast enough)\n`);
    this.#lost = 0;
    this.#queue.unshift(line);
    this.#queuedBytes += line.length;
  }
}

function escapeControls(text: string): string {
  return text.slice(0, LOG_LINE_LENGTH_MAX).replace(CONTROL, hexOf);
}

function hexOf(found: string): string {
  return [...found].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}

const streams = { stdout: new LogStream(Deno.stdout), stderr: new LogStream(Deno.stderr) };

export const log = {
  /** Logs a line of the program itself, unchanged. */
  info(line: string, where: "stdout" | "stderr" = "stdout"): void {
    streams[where].enqueue(new TextEncoder().encode(`${line}\n`));
  },
  /** Logs a line that contains bytes from a client, with control bytes escaped. */
  event(line: string): void {
    streams.stdout.enqueue(bytesOf(`${escapeControls(line)}\n`));
  },
  /** Logs an error and what to do about it; may quote a file or a name. */
  error(line: string): void {
    const escaped = line.replace(CONTROL_BUT_LF, hexOf);
    streams.stderr.enqueue(new TextEncoder().encode(`holdfast: ${escaped}\n`));
  },
  /** Prints output of a command; waits for its reader. Resolves to false if the reader is gone. */
  print(text: string): Promise<boolean> {
    return streams.stdout.print(new TextEncoder().encode(text));
  },
  /** Returns whether the stream is a terminal. */
  isTerminal(where: "stdout" | "stderr"): boolean {
    return Deno[where].isTerminal();
  },
  /** Writes to the terminal on stderr, control characters included. */
  draw(text: string): void {
    streams.stderr.enqueue(new TextEncoder().encode(text));
  },
  /** Waits up to `FLUSH_MS` until everything is written. Call before the program ends. */
  async flush(): Promise<void> {
    await Promise.all([streams.stdout.flush(), streams.stderr.flush()]);
  },
};
