/**
 * Fencing tokens that never go back, however often the server is started.
 *
 * They begin at the time, 1024 for each millisecond since 1970: a later start begins later, as long
 * as nobody sets the clock back. With a folder (`-state`) that does not matter either: a mark above
 * all tokens granted is on the disk before they are, in blocks, and a start begins above it.
 */
import { FILE_LOCK_MS_MAX } from "../limits.ts";
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { log } from "../log.ts";
import type { TokenBlock, TokenSource } from "../state/locks/store.ts";

/** The folder cannot be used; the message says why and what to do. Exit status 5. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** More grants than this a millisecond, on average and for years, would outrun the time. */
const TOKENS_PER_MS = 1024;
/** How many tokens one write reserves: seconds of work, and a start wastes no more. */
const BLOCK = 2 ** 20;
const MARK = "fencing-token";
/** Beyond this, numbers are not whole ones any more. */
const MARK_MAX = Number.MAX_SAFE_INTEGER - 2 * BLOCK;

export class FencingTokens implements TokenSource {
  /** All of it is granted only with a mark above it on the disk. */
  block: TokenBlock;
  nth = 0;
  readonly #store: TokenMarks | undefined;

  /** @param unixMs the time of the start. */
  constructor(unixMs: number, store?: TokenMarks) {
    this.#store = store;
    this.block = this.#reserved(Math.max(unixMs * TOKENS_PER_MS, store?.mark ?? 0));
  }

  next(): void {
    if (this.nth === BLOCK) {
      this.block = this.#reserved(this.block.base + BLOCK);
      this.nth = 0;
    }
    this.nth++;
  }

  /** Waits for the disk, as nothing may be granted before: once in a million grants. */
  #reserved(base: number): TokenBlock {
    try {
      this.#store?.write(base + BLOCK);
    } catch (error) {
      log.error(
        `${String(error)}; going on: tokens go back if the clock is set back before the next start`,
      );
    }
    return { base };
  }
}

/** Where a mark is kept. */
export interface TokenMarks {
  /** No token above this has been granted. */
  readonly mark: number;
  /** It is on the disk when this returns; else it throws. */
  write(mark: number): void;
}

/** The mark on the disk; the folder is this server's as long as it lives. */
export class TokenFile implements TokenMarks {
  mark: number;
  readonly #folder: string;
  readonly #path: string;
  readonly #lock: Deno.FsFile;

  private constructor(folder: string, lock: Deno.FsFile, mark: number) {
    this.#folder = folder;
    this.#path = `${folder}/${MARK}`;
    this.#lock = lock;
    this.mark = mark;
  }

  /** Makes the folder if there is none. Throws `StateError`. */
  static async open(folder: string): Promise<TokenFile> {
    let lock: Deno.FsFile | undefined;
    try {
      Deno.mkdirSync(folder, { recursive: true });
      lock = Deno.openSync(`${folder}/lock`, { write: true, create: true });
      await deadline(lock.lock(true), FILE_LOCK_MS_MAX);
      // Not earlier: another server may just have written it.
      return new TokenFile(folder, lock, readMark(`${folder}/${MARK}`));
    } catch (cause) {
      lock?.close();
      const isLocked = cause instanceof DOMException && cause.name === "TimeoutError";
      const why = isLocked ? "another server uses it; give each its own" : messageOf(cause);
      throw new StateError(`Cannot use the folder ${folder} (-state): ${why}`, { cause });
    }
  }

  /** Leaves the folder to others. */
  close(): void {
    this.#lock.close();
  }

  write(mark: number): void {
    const draft = `${this.#path}.new`;
    const file = Deno.openSync(draft, { write: true, create: true, truncate: true });
    try {
      file.writeSync(new TextEncoder().encode(`${mark}\n`));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(draft, this.#path);
    this.mark = mark;
    // The new name is on the disk once the folder is; a system that cannot do that does it by itself.
    try {
      using folder = Deno.openSync(this.#folder);
      folder.syncSync();
    } catch { /* as said */ }
  }
}

/** 0 when there is none yet; an empty file is no such thing, but one that has lost its mark. */
function readMark(path: string): number {
  const text = readText(path);
  if (text === undefined) return 0;
  const mark = Number(text);
  if (/^\d{1,16}\n?$/.test(text) && mark <= MARK_MAX) return mark;
  throw new Error(`${path} holds no token; put the greatest there that was seen`);
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
