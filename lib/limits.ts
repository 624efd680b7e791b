/**
 * The limits of the server and the reason for each. The limits of the extended protocol, which
 * clients must know too, are in `wire/extended.ts`; the defaults of the flags are in
 * `server/config.ts`.
 */

// The ranges of the flags.

export const PORT_MAX = 65535;
/** `-max-line`: a line of this length has room for every command with a useful name. */
export const LINE_BYTES_SETTING_MIN = 64;
/**
 * `-max-line`: a line is processed without a pause, and splitting it recurses over at most 8 Mi
 * blanks.
 */
export const LINE_BYTES_SETTING_MAX = 4 * 1024 * 1024;
/**
 * `-max-reply-buffer`: twice the 64 KiB that are sent at once, so slow readers of long listings
 * stay connected.
 */
export const REPLY_BUFFER_BYTES_SETTING_MIN = 128 * 1024;
/** `-max-reply-buffer`: one peer must not take more memory than this. */
export const REPLY_BUFFER_BYTES_SETTING_MAX = 1024 * 1024 * 1024;
/** `-max-waiters`: memory runs out before more requests can wait. */
export const WAITERS_SETTING_MAX = 100_000_000;

// What one connection may use.

/** Bytes read ahead while a request waits; beyond this, TCP flow control stops the peer. */
export const READ_AHEAD_BYTES_MAX = 64 * 1024;
/**
 * Characters of events buffered for a slow reader: a thousand events or more. Further events count
 * as lost.
 */
export const EVENT_BUFFER_LENGTH_MAX = 256 * 1024;
/**
 * The longest HTTP head accepted; browsers with many cookies stay below it, and servers commonly
 * accept 8 KiB.
 */
export const HTTP_HEAD_BYTES_MAX = 16 * 1024;
/** How long a peer may take to send its WebSocket handshake. */
export const HANDSHAKE_MS_MAX = 10_000;
/** How long a peer may take to read the last reply and close its side. */
export const LINGER_MS_MAX = 1_000;
/**
 * Locks with a grace that one connection may hold: its departure transfers them all in one step.
 */
export const GRACE_LOCKS_MAX = 10_000;

// What the state remembers.

/**
 * Free exclusive locks, and as many free shared locks, that keep their map entry. Reusing many
 * names in turn leaves deleted entries far apart.
 */
export const FREE_LOCKS_MAX = 256;
/** Shared locks that a holder has released, but that keep their entry in its map. */
export const FREE_HOLDS_MAX = 16;
/** Released locks that are remembered, and as many locks that ended in other ways. */
export const ENDED_LOCKS_MAX = 100_000;
/** The total length of the names in each of these sets: a hundred thousand of usual length. */
export const ENDED_NAMES_LENGTH_MAX = 16 * 1024 * 1024;
/**
 * Steps of a search for a deadlock: some tens of milliseconds, which only a deliberately built load
 * reaches.
 */
export const DEADLOCK_STEPS_MAX = 100_000;

// How much work runs before other sessions are served.

/** How long one session may work while other sessions wait. */
export const TIME_SLICE_MS = 5;
/** Lock requests between two checks of the time slice: each costs little, and about the same. */
export const LOCK_REQUESTS_PER_SLICE_CHECK = 16;
/** Pool requests between two checks: a single request may touch a very large number of entries. */
export const POOL_REQUESTS_PER_SLICE_CHECK = 1;
/** Uses of one clock reading; the work between two readings takes far less than a time slice. */
export const USES_PER_CLOCK_READING = 32;
/** Pool sessions that may end before the clock is read again. */
export const ENDED_SESSIONS_PER_CLOCK_READING = 16;
/** Stale entries of departed holders removed in one step: a fraction of a millisecond. */
export const CLEAN_UP_BATCH_MAX = 1000;
/**
 * Leases and waits ended in one step, a few milliseconds; all that end at the same time end
 * together.
 */
export const EXPIRY_BATCH_MAX = 128;
/** Pool sessions ended by one step of housekeeping: a few milliseconds. */
export const HOUSEKEEPING_BATCH_MAX = 2000;
/** How often housekeeping runs. It only frees memory, so clients do not notice when. */
export const HOUSEKEEPING_INTERVAL_MS = 1000;
/** Entries that one step of a pool listing visits: some ten microseconds. */
export const LISTING_BATCH_MAX = 256;
/** Events taken from epoll at once; each of their sockets is served before the next call. */
export const EPOLL_EVENTS_MAX = 128;
/** Connections accepted without a pause: a few milliseconds, while other sockets wait. */
export const ACCEPT_BATCH_MAX = 256;
/** Connections that the kernel queues before they are accepted; it may allow fewer. */
export const ACCEPT_BACKLOG = 4096;
/** Descriptors above the lowest free one that the search for a new listening socket visits. */
export const DESCRIPTOR_SLACK = 64;
/** The longest delay of a runtime timer; a later time is set in several steps. */
export const TIMER_MS_MAX = 2 ** 31 - 1;
/** How long connections may take to close before the program exits anyway. */
export const STOP_MS_MAX = 2_000;

// The log.

/**
 * Log bytes queued for a slow reader: enough for a burst of thousands of lines. A stuck reader
 * costs no more memory.
 */
export const LOG_QUEUE_BYTES_MAX = 1024 * 1024;
/** The longest log line; most of a longer line would be text that a client sent. */
export const LOG_LINE_LENGTH_MAX = 4096;

// Files.

/** How long to wait for a file lock; its holders keep it only for an instant. */
export const FILE_LOCK_MS_MAX = 500;
/** How long to wait while another server writes the same configuration file. */
export const CONF_LOCK_MS_MAX = 5_000;
