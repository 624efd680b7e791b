/**
 * The only mouth of the program. What a user asked for goes to stdout, what is wrong to stderr.
 *
 * Nobody waits for a log: lines queue up to a limit and are lost, and counted, beyond it, so that
 * a terminal that is held or a pipe that is not read cannot stop the server. What a command prints
 * because it was asked for is no log: `print` waits, and loses nothing.
 *
 * Text in a log line may hold bytes that a stranger chose, one character a byte: control bytes are
 * written as \xNN, so that nobody can forge a line or drive a terminal.
 */
import { LOG_LINE_LENGTH_MAX, LOG_QUEUE_BYTES_MAX } from "./limits.ts";
import { bytesOf } from "./wire/bytes.ts";

/** Everything a terminal might obey: C0, DEL, and C1 in its UTF-8 form. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]|\xc2[\x80-\x9f]/g;
/** The same in text of all characters; a report of a bug has several lines. */
// deno-lint-ignore no-control-regex
const CONTROL_BUT_LF = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
/** How long to wait for a stream that another program has made one that does not wait. */
const RETRY_MS = 20;
/** How long the end of the program waits for the rest to be read. */
const FLUSH_MS = 500;

/** One stream, written in the background and in order. */
class Mouth {
  readonly #stream: { write(bytes: Uint8Array): Promise<number> };
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #lost = 0;
  #working: Promise<void> | undefined;

  constructor(stream: { write(bytes: Uint8Array): Promise<number> }) {
    this.#stream = stream;
  }

  say(line: Uint8Array): void {
    if (this.#queuedBytes + line.length > LOG_QUEUE_BYTES_MAX) {
      this.#lost++;
      return;
    }
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#working ??= this.#work();
  }

  /** Writes all of it, however long that takes; false when nobody reads any more. */
  async print(bytes: Uint8Array): Promise<boolean> {
    await this.#working;
    return await this.#write(bytes);
  }

  /** Resolves when all is written, or will not be in any useful time. */
  async flush(): Promise<void> {
    let timer;
    const tooLong = new Promise<void>((resolve) => timer = setTimeout(resolve, FLUSH_MS));
    await Promise.race([this.#working, tooLong]);
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      this.#queue = [];
      let works = true;
      for (const line of lines) {
        works = await this.#write(line);
        if (!works) this.#lost++;
        this.#queuedBytes -= line.length;
      }
      if (works && this.#lost > 0) this.#report();
    }
    this.#working = undefined;
  }

  /** Whether the line was written; not when nobody reads any more, which is no reason to stop. */
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

  /** Tells what was lost, where it was lost: before the lines that came since, limit or not. */
  #report(): void {
    const line = bytesOf(`(${this.#lost} lines lost: the log was not read fast enough)\n`);
    this.#lost = 0;
    this.#queue.unshift(line);
    this.#queuedBytes += line.length;
  }
}

function visible(text: string): string {
  return text.slice(0, LOG_LINE_LENGTH_MAX).replace(CONTROL, hexOf);
}

function hexOf(found: string): string {
  return [...found].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}

const mouths = { stdout: new Mouth(Deno.stdout), stderr: new Mouth(Deno.stderr) };

export const log = {
  /** A line of the program's own, as it is. */
  say(line: string, where: "stdout" | "stderr" = "stdout"): void {
    mouths[where].say(new TextEncoder().encode(`${line}\n`));
  },
  /** A line with bytes of a peer in it, made harmless. */
  event(line: string): void {
    mouths.stdout.say(bytesOf(`${visible(line)}\n`));
  },
  /** What is wrong, and what to do; may quote a file or a name. */
  error(line: string): void {
    const harmless = line.replace(CONTROL_BUT_LF, hexOf);
    mouths.stderr.say(new TextEncoder().encode(`holdfast: ${harmless}\n`));
  },
  /** What a command was asked for, on stdout, all of it: waits for the reader; false: it is gone. */
  print(text: string): Promise<boolean> {
    return mouths.stdout.print(new TextEncoder().encode(text));
  },
  /** Whether a person may be looking. */
  isTerminal(where: "stdout" | "stderr"): boolean {
    return Deno[where].isTerminal();
  },
  /** Drives the terminal that stderr is. */
  draw(text: string): void {
    mouths.stderr.say(new TextEncoder().encode(text));
  },
  /** Waits for a moment until everything is written; for the end of the program. */
  async flush(): Promise<void> {
    await Promise.all([mouths.stdout.flush(), mouths.stderr.flush()]);
  },
};
