/**
 * Fencing tokens, which keep rising across restarts of the server.
 *
 * The first token is the start time, at 1024 tokens per millisecond since 1970, so a later start
 * begins higher unless the clock was set back. With a folder (`-state`), tokens rise even then. The
 * server reserves tokens in blocks: before it grants any token of a block, it writes a mark above
 * the block to the disk. A start begins above the mark.
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

/** Tokens would outrun the clock only above this rate, on average and for years. */
const TOKENS_PER_MS = 1024;
/** Tokens reserved by one write. They last for seconds; a restart wastes at most one block. */
const BLOCK = 2 ** 20;
const MARK = "fencing-token";
/** Tokens above this mark could exceed the exact integers. */
const MARK_MAX = Number.MAX_SAFE_INTEGER - 2 * BLOCK;

export class FencingTokens implements TokenSource {
  /** A mark above the whole block is on the disk before any token of the block is granted. */
  block: TokenBlock;
  nth = 0;
  readonly #marks: TokenMarks | undefined;

  /** @param unixMs the time when the server starts */
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

  /** Blocks until the mark is on the disk, once in a million grants: none may come before it. */
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

/** Stores the mark. */
export interface TokenMarks {
  /** No token above this has been granted. */
  readonly mark: number;
  /** Returns when the mark is on the disk. Throws when writing fails. */
  write(mark: number): void;
}

/** The mark on the disk. One server at a time may use its folder. */
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
      // Reads the mark after locking, because another server may have written it until then.
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

  /** Unlocks the folder for other servers. */
  close(): void {
    this.#lock.close();
  }

  write(mark: number): void {
    writeAtomicallySync(this.#path, new TextEncoder().encode(`${mark}\n`), `${this.#path}.new`);
    this.mark = mark;
  }
}

/** Returns 0 for a missing file. Throws for an empty or malformed file, whose mark is lost. */
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
