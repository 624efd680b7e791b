/**
 * Fencing tokens that never go back, however often the server is restarted.
 *
 * They start at the time, 1024 for each millisecond since 1970: a later start begins higher, unless
 * the clock was set back. With a folder (`-state`) tokens rise even then: a mark above all granted
 * tokens is written to the disk before they are granted, in blocks, and a start begins above it.
 */
import { FILE_LOCK_MS_MAX } from "../limits.ts";
import { log } from "../log.ts";
import type { TokenBlock, TokenSource } from "../state/locks/model.ts";
import { writeAtomicallySync } from "../storage/atomic_file.ts";
import { openLocked } from "../storage/file_lock.ts";

/** The folder of `-state` cannot be used; the message says why and what to do. Exit status 5. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** Only more grants than this a millisecond, on average and for years, would outrun the clock. */
const TOKENS_PER_MS = 1024;
/** Tokens reserved by one write: seconds of work, and a restart wastes no more. */
const BLOCK = 2 ** 20;
const MARK = "fencing-token";
/** Beyond this, numbers are not exact. */
const MARK_MAX = Number.MAX_SAFE_INTEGER - 2 * BLOCK;

export class FencingTokens implements TokenSource {
  /** A mark above the whole block is on the disk before any of it is granted. */
  block: TokenBlock;
  nth = 0;
  readonly #marks: TokenMarks | undefined;

  /** @param unixMs the time of the start. */
  constructor(unixMs: number, marks?: TokenMarks) {
    this.#marks = marks;
    this.block = this.#reserve(Math.max(unixMs * TOKENS_PER_MS, marks?.mark ?? 0));
  }

  next(): void {
    if (this.nth === BLOCK) {
      this.block = this.#reserve(this.block.base + BLOCK);
      this.nth = 0;
    }
    this.nth++;
  }

  /** Waits for the disk, since nothing may be granted before: once in a million grants. */
  #reserve(base: number): TokenBlock {
    try {
      this.#marks?.write(base + BLOCK);
    } catch (error) {
      log.error(
        `Cannot write the token mark: ${
          String(error)
        }; grants continue, but tokens go back if the ` +
          "clock is set back before the next start",
      );
    }
    return { base };
  }
}

/** Where a mark is kept. */
export interface TokenMarks {
  /** No token above this has been granted. */
  readonly mark: number;
  /** Returns when the mark is on the disk; throws when that fails. */
  write(mark: number): void;
}

/** The mark on the disk. Its folder belongs to one server at a time. */
export class TokenFile implements TokenMarks {
  mark: number;
  readonly #path: string;
  readonly #lock: Deno.FsFile;

  private constructor(folder: string, lock: Deno.FsFile, mark: number) {
    this.#path = `${folder}/${MARK}`;
    this.#lock = lock;
    this.mark = mark;
  }

  /** Creates the folder if it is missing, and locks it. Throws `StateError`. */
  static async open(folder: string): Promise<TokenFile> {
    let lock: Deno.FsFile | undefined;
    try {
      Deno.mkdirSync(folder, { recursive: true });
      const options = { write: true, create: true };
      lock = await openLocked(`${folder}/lock`, options, FILE_LOCK_MS_MAX);
      // Read under the lock: another server may have written the mark just before.
      if (lock) return new TokenFile(folder, lock, readMark(`${folder}/${MARK}`));
    } catch (cause) {
      lock?.close();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StateError(`Cannot use the folder ${folder} (-state): ${why}`, { cause });
    }
    throw new StateError(
      `Cannot use the folder ${folder} (-state): another server uses it; give each server its own`,
    );
  }

  /** Leaves the folder to other servers. */
  close(): void {
    this.#lock.close();
  }

  write(mark: number): void {
    writeAtomicallySync(this.#path, new TextEncoder().encode(`${mark}\n`), `${this.#path}.new`);
    this.mark = mark;
  }
}

/** Returns 0 for a missing file. Throws for an empty one: it has lost its mark. */
function readMark(path: string): number {
  const text = readText(path);
  if (text === undefined) return 0;
  const mark = Number(text);
  if (/^\d{1,16}\n?$/.test(text) && mark <= MARK_MAX) return mark;
  throw new Error(`${path} does not contain a token; write the largest token ever issued into it`);
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
