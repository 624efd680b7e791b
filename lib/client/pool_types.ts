/** The public types of the pool client. */

export interface PoolOptions {
  /** Whether the next request replaces a connection that broke. Default: true. */
  readonly reconnect?: boolean | undefined;
  /**
   * How long a reply may take, in seconds, before the connection is considered broken; 0 switches
   * the timeout off. Default: 30.
   */
  readonly deadlineSeconds?: number | undefined;
  /** Stops connecting when it aborts; has no effect once connected. */
  readonly signal?: AbortSignal | undefined;
}

/** A resource that is assigned to a consumer. */
export interface Assignment {
  readonly resource: string;
  /** When the assignment expires, unless `consume` renews it. */
  readonly expires: Date | undefined;
  /** All parameters of the reply. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A successful reply, as it was received; a refusal throws `PoolError`. */
export interface PoolReply {
  readonly code: number;
  readonly parameters: ReadonlyMap<string, string>;
  /** The lines of a multi-line reply; otherwise empty. */
  readonly lines: readonly string[];
  /** The value of a native reply; otherwise undefined. */
  readonly json: unknown;
}

/** Which resource a new consumer gets; docs/protocol/looky.md describes the methods. */
export type SeedMethod = "weighted" | "minimal" | "serial" | "parallel";

export interface PoolStatus {
  /** Whether there are changes that are not saved. */
  readonly isDirty: boolean;
  readonly uptimeSeconds: number;
  /** Whether any connection is the master. */
  readonly hasMaster: boolean;
  /** Whether this connection is the master. */
  readonly isMaster: boolean;
  readonly version: string;
}

/**
 * A client of the pools of a server. A method with an optional `pool` applies to all pools when it
 * is left out. `await using` closes the client.
 *
 * Every method throws `PoolError` when the server refuses the request, `ConnectionError` when there
 * is no reply, and `RequestError` when the request cannot be sent.
 */
export interface PoolClient extends AsyncDisposable {
  /**
   * Assigns a resource to the consumer, or renews its assignment. Throws `PoolError` with the code
   * `no-room` when all resources are in use, or `unknown` when there is no such pool.
   */
  consume(pool: string, consumer: string): Promise<Assignment>;
  /** Ends the assignment of the consumer. */
  release(pool: string, consumer: string): Promise<void>;
  /** Ends all assignments. */
  clear(pool?: string): Promise<void>;
  /** Ends up to `count` assignments, the least recently requested first. */
  free(count: number, pool?: string): Promise<void>;

  addPool(pool: string): Promise<void>;
  dropPool(pool: string): Promise<void>;
  /** Sets how many consumers may use the resource at a time; adds it to the pool if needed. */
  setResource(resource: string, quantity: number, pool?: string): Promise<void>;
  dropResource(resource: string, pool?: string): Promise<void>;
  /** Makes all pools that contain the resource share its quantity. */
  couple(resource: string): Promise<void>;
  /** Gives each pool its own quantity of the resource again. */
  decouple(resource: string): Promise<void>;
  /** Stops new assignments of the resource; existing ones stay. */
  freeze(pool: string, resource: string): Promise<void>;
  /** Allows new assignments of the resource again. */
  unfreeze(pool: string, resource: string): Promise<void>;
  /** Sets how many uses of the resource are counted; assignments change the number from there. */
  setUsed(resource: string, used: number, pool?: string): Promise<void>;
  /** Multiplies the quantity of the resource by `ratio`, rounded down. */
  setRatio(resource: string, ratio: number, pool?: string): Promise<void>;
  /** Sets how a resource is chosen for a new consumer. */
  setSeed(method: SeedMethod, pool?: string): Promise<void>;
  /**
   * Sets what happens when all resources are in use.
   *
   * @param mode `sticky` refuses, `queued` ends the oldest assignment, and `queued-N` also keeps
   * fewer than N assignments before it assigns
   */
  setMode(mode: string, pool?: string): Promise<void>;
  /** Sets after how many seconds an assignment expires. */
  setLatency(seconds: number, pool?: string): Promise<void>;

  /** Makes this connection the master; no other may change the pools until it closes. */
  master(): Promise<void>;
  /** Stops new assignments until `unlock`, or until the master disconnects; master only. */
  lock(resource: string, pool?: string): Promise<void>;
  /** Allows new assignments of the resource again; master only. */
  unlock(resource: string, pool?: string): Promise<void>;

  listPools(): Promise<string[]>;
  /** Returns the resources and whether pools share their quantities. */
  listResources(): Promise<Record<string, "shared" | "coupled">>;
  status(): Promise<PoolStatus>;
  /** Writes the pools to the configuration file that they were read from. */
  save(): Promise<void>;

  /**
   * Sends any command of docs/protocol/looky.md, and returns its reply.
   *
   * @param options `native: true` asks for the reply as JSON, in `PoolReply.json`
   */
  ask(
    verb: string,
    words?: readonly string[],
    options?: { readonly native?: boolean | undefined },
  ): Promise<PoolReply>;
  /** Closes the connection. Assignments stay until they are released, or expire. */
  close(): Promise<void>;
}
