/** What the lock table is made of: the shapes of its records, and what they say of each other. Pure. */
import type { Agenda } from "./agenda.ts";
import type { Ending, Journal } from "./journal.ts";
import type { Linked, List } from "./list.ts";
import type { NameIndex } from "./name_index.ts";
import type { Named, NameTable } from "./name_table.ts";
import type { NameMap } from "./names.ts";
import type { Past } from "./past.ts";
import type { Queue } from "./queue.ts";
import type { Appointment, Terms } from "./terms.ts";
import type { News, Waiter } from "./waiter.ts";

/** What holds a lock: the number of a session, never used again. */
export type Owner = number;

/** When it is, looked at only by those who want to know. */
export interface Time {
  readonly nowMs: number;
}

/** Fencing tokens in a row: those behind `base`, one for each grant. */
export interface TokenBlock {
  readonly base: number;
}

/**
 * What all grants draw their fencing tokens from: each is greater than all before it. A lock keeps
 * the block and which of it (`tokenOf`): a number as large as a token would take a box in memory each
 * time that a lock is taken.
 */
export interface Tokens extends Readonly<Token> {
  /** The next one is drawn: block and number are its own from now on. */
  draw(): void;
}

/** A fencing token; `tokenOf` says it as the number that it is. */
export interface Token {
  block: TokenBlock;
  /** Which token of the block, from 1. */
  nth: number;
}

/** That somebody holds something. */
interface Held extends Token {
  holder: Holder;
  sinceMs: number;
  /** What else was agreed on; nothing with those who ask in the old words. */
  terms: Terms | undefined;
}

/** An exclusive lock; a free one is among those that nobody holds. */
export interface Lock extends Linked<Lock>, Named<Lock>, Held {
  /** Which new name of all this was. */
  serial: number;
  /** How the last holding ended that is over, and whose it was. */
  ending: Ending | "none";
  previous: Holder | undefined;
}

/** A shared lock; a free one is among the vacant. */
export interface SharedLock extends Linked<SharedLock>, Named<SharedLock> {
  readonly serial: number;
  /** In the order it was taken. */
  readonly holds: List<Hold>;
}

/** That somebody holds a shared lock. */
export interface Hold extends Linked<Hold>, Held {
  readonly name: string;
  readonly lock: SharedLock;
}

export type Holding = Lock | Hold;

/** What one owner holds, in the order it was taken. */
export interface Holder {
  readonly owner: Owner;
  readonly exclusive: List<Lock>;
  shared: NameMap<Hold> | undefined;
  /** Of it, what stays for a while when the owner goes. */
  kept: Set<Holding> | undefined;
  /** What it waits for. */
  waiter: Waiter | undefined;
  isGone: boolean;
  /** Since it has left. */
  past: Departed | undefined;
}

/** How somebody has left, and what is needed of it afterwards. */
export interface Departed {
  readonly how: "closed" | "lost";
  readonly when: Time;
  readonly name: string;
  readonly address: string;
  /** What proves to be the one that may come back; empty: nobody may. */
  readonly secret: string;
}

export interface Locks {
  readonly exclusive: NameIndex<Lock>;
  readonly shared: NameIndex<SharedLock>;
  readonly holders: Map<Owner, Holder>;
  /** Holds the free locks that stay, the longest free first. */
  readonly nobody: Holder;
  /** The same for shared ones. */
  readonly vacant: List<SharedLock>;
  /** Free locks of which only their end is remembered. */
  readonly past: Past<Lock>;
  /** Who has left and is not forgotten yet. */
  readonly departing: Departing[];
  /** How many new names there were. */
  serials: number;
  readonly tokens: Tokens;
  /** The names that are waited for; none of these is empty. */
  readonly queues: NameTable<Queue<Waiter>>;
  /** How many wait, */
  waiting: number;
  /** how many there were, */
  arrivals: number;
  /** and those of them that hold something, which others may wait for. */
  readonly waitingHolders: Set<Holder>;
  /** Leases, waits and the like that end by themselves. */
  readonly agenda: Agenda<Appointment>;
  /** What those who waited are to be told; whoever changes the table sees to it. */
  news: News[];
  /** What has happened, as long as somebody wants to know. */
  journal: Journal | undefined;
  /** What went with connections that had kept it for a while. */
  readonly orphans: { exclusive: number; shared: number };
}

interface Departing {
  readonly holder: Holder;
  readonly holds: Iterator<[string, Hold]>;
}
