/**
 * Fencing tokens that never go back, however often the server is started.
 *
 * They begin at the time, 1024 for each millisecond since 1970: a later start begins later, as long
 * as nobody sets the clock back. With a folder (`-state`) that does not matter either: a mark above
 * all tokens granted is on the disk before they are, in blocks, and a start begins above it.
 */
// @ts-types="../../types/async.d.ts"
import { deadline } from "@std/async/deadline";
import { log } from "../log.ts";
import type { Tokens } from "../state/lock_table.ts";
import { replaceFile } from "./replace_file.ts";

/** The folder cannot be used; the message says why and what to do. Exit status 5. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** More grants than this a millisecond, on average and for years, would outrun the time. */
const TOKENS_PER_MS = 1024;
/** How many tokens one write reserves: seconds of work, and a start wastes no more. */
const BLOCK = 2 ** 20;
/** Taking a lock can only wait; one that is free is had in well under this. */
const LOCK_MS = 500;
const MARK = "fencing-token";
/** Beyond this, numbers are not whole ones any more. */
const MARK_MAX = Number.MAX_SAFE_INTEGER - 2 * BLOCK;

export class TokenCounter implements Tokens {
  #last: number;
  /** No token above this one is granted before a greater mark is on the disk. */
  #mark = Infinity;
  /** When the next block is to be reserved. */
  #reserveAt = Infinity;
  readonly #store: MarkFile | undefined;

  /** @param unixMs the time of the start. */
  constructor(unixMs: number, store?: MarkFile) {
    this.#last = Math.max(unixMs * TOKENS_PER_MS, store?.mark ?? 0);
    this.#store = store;
    if (store !== undefined) this.#reserveNow(store);
  }

  next(): number {
    const token = ++this.#last;
    if (token >= this.#reserveAt) this.#reserve(token);
    return token;
  }

  #reserve(token: number): void {
    const store = this.#store!;
    if (token > this.#mark) return this.#reserveNow(store);
    const mark = this.#mark + BLOCK;
    this.#reserveAt = this.#mark + 1; // not twice
    store.write(mark).then(() => {
      this.#mark = Math.max(this.#mark, mark);
      this.#reserveAt = this.#mark - BLOCK / 2;
    }, (error) => log.error(`${String(error)}; trying again`));
  }

  /** Waits for the disk: at the start, and when it has been slower than the grants. */
  #reserveNow(store: MarkFile): void {
    this.#mark = this.#last + BLOCK;
    this.#reserveAt = this.#mark - BLOCK / 2;
    try {
      store.writeNow(this.#mark);
    } catch (error) {
      log.error(
        `${String(error)}; going on: tokens go back if the clock is set back before the next start`,
      );
    }
  }
}

/** The mark on the disk; the folder is this server's as long as it lives. */
export class MarkFile {
  readonly #path: string;
  readonly #lock: Deno.FsFile;
  #text: string;

  private constructor(path: string, lock: Deno.FsFile, text: string) {
    this.#path = path;
    this.#lock = lock;
    this.#text = text;
  }

  /** Makes the folder if there is none. Throws `StateError`. */
  static async open(folder: string): Promise<MarkFile> {
    const path = `${folder}/${MARK}`;
    try {
      Deno.mkdirSync(folder, { recursive: true });
      const lock = Deno.openSync(`${folder}/lock`, { write: true, create: true });
      await deadline(lock.lock(true), LOCK_MS);
      const text = readText(path); // not earlier: another server may just have written it
      if (!/^\d{0,16}\n?$/.test(text) || Number(text) > MARK_MAX) {
        lock.close();
        throw new Error(
          `${path} holds no number below 2^53; put the greatest token there that was seen`,
        );
      }
      return new MarkFile(path, lock, text);
    } catch (cause) {
      const isLocked = cause instanceof DOMException && cause.name === "TimeoutError";
      const why = isLocked ? "another server uses it; give each its own" : messageOf(cause);
      throw new StateError(`Cannot use the folder ${folder} (-state): ${why}`, { cause });
    }
  }

  /** Leaves the folder to others. */
  close(): void {
    this.#lock.close();
  }

  /** No token above this has been granted. */
  get mark(): number {
    return Number(this.#text);
  }

  async write(mark: number): Promise<void> {
    const text = `${mark}\n`;
    await replaceFile(this.#path, this.#text, text);
    this.#text = text;
  }

  writeNow(mark: number): void {
    const text = `${mark}\n`;
    const draft = `${this.#path}.new`;
    const file = Deno.openSync(draft, { write: true, create: true, truncate: true });
    try {
      file.writeSync(new TextEncoder().encode(text));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(draft, this.#path);
    this.#text = text;
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
