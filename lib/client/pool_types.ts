/** The face of the pools: what callers hand in and get. */

export interface PoolOptions {
  /** Whether a connection that broke is made anew for the next request; default true. */
  readonly reconnect?: boolean | undefined;
  /** How long a reply may take until the server is given up; default 30, 0 for ever. */
  readonly deadlineSeconds?: number | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/** What a consumer was given. */
export interface Assignment {
  readonly resource: string;
  /** When it ends unless it is asked for again. */
  readonly expires: Date | undefined;
  /** All that the server said of it. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A reply as it came; of a refusal PoolError tells. */
export interface PoolReply {
  readonly code: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** The lines of a reply of several lines; empty else. */
  readonly lines: readonly string[];
  /** What a native reply says. */
  readonly json: unknown;
}

export type SeedMethod = "weighted" | "minimal" | "serial" | "parallel";

export interface PoolStatus {
  /** Whether anything is not saved. */
  readonly isDirty: boolean;
  readonly uptimeSeconds: number;
  readonly hasMaster: boolean;
  readonly isMaster: boolean;
  readonly version: string;
}

/** All pools where a pool may be left out. Every method: PoolError, ConnectionError, RequestError. */
export interface PoolClient extends AsyncDisposable {
  /** A resource for the consumer, or the one it has, renewed. PoolError no-room, unknown. */
  consume(pool: string, consumer: string): Promise<Assignment>;
  release(pool: string, consumer: string): Promise<void>;
  /** Releases all that is assigned. */
  clear(pool?: string): Promise<void>;
  /** Releases so many of those that were asked for longest ago. */
  free(count: number, pool?: string): Promise<void>;

  addPool(pool: string): Promise<void>;
  dropPool(pool: string): Promise<void>;
  setResource(resource: string, quantity: number, pool?: string): Promise<void>;
  dropResource(resource: string, pool?: string): Promise<void>;
  couple(resource: string): Promise<void>;
  decouple(resource: string): Promise<void>;
  freeze(pool: string, resource: string): Promise<void>;
  unfreeze(pool: string, resource: string): Promise<void>;
  setUsed(resource: string, used: number, pool?: string): Promise<void>;
  setRatio(resource: string, ratio: number, pool?: string): Promise<void>;
  setSeed(method: SeedMethod, pool?: string): Promise<void>;
  /** sticky, queued, or queued-N. */
  setMode(mode: string, pool?: string): Promise<void>;
  setLatency(seconds: number, pool?: string): Promise<void>;

  /** Until this client is closed, only it may change the pools. */
  master(): Promise<void>;
  /** For the master. */
  lock(resource: string, pool?: string): Promise<void>;
  unlock(resource: string, pool?: string): Promise<void>;

  listPools(): Promise<string[]>;
  /** Each with its kind. */
  listResources(): Promise<Record<string, "shared" | "coupled">>;
  status(): Promise<PoolStatus>;
  /** Writes the pools to the file they came from. */
  save(): Promise<void>;

  /** Any command of docs/protocol/looky.md; native: as JSON. PoolError when it is refused. */
  ask(
    verb: string,
    words?: readonly string[],
    options?: { readonly native?: boolean | undefined },
  ): Promise<PoolReply>;
  close(): Promise<void>;
}
