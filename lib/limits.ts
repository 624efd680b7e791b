/**
 * The limits of the server and the reason for each. A limit of the extended protocol, which clients
 * have to know too, stands in `wire/extended.ts`; a default that a flag sets, in `server/config.ts`.
 */

// What the flags accept.

export const PORT_MAX = 65535;
/** `-max-line`: the shortest line that still takes every command with a useful name. */
export const LINE_BYTES_SETTING_MIN = 64;
/** `-max-line`: a line is handled in one go, and splitting it recurses over runs of up to 8 Mi blanks. */
export const LINE_BYTES_SETTING_MAX = 4 * 1024 * 1024;
/** `-max-reply-buffer`: twice the 64 KiB pieces that replies are sent in, so slow readers of long listings are kept. */
export const REPLY_BUFFER_BYTES_SETTING_MIN = 128 * 1024;
/** `-max-reply-buffer`: one peer must not take more memory than this. */
export const REPLY_BUFFER_BYTES_SETTING_MAX = 1024 * 1024 * 1024;
/** `-max-waiters`: beyond this, memory runs out first. */
export const WAITERS_SETTING_MAX = 100_000_000;

// What one connection may take.

/** Bytes read ahead while a request waits; beyond this, TCP flow control stops the peer. */
export const READ_AHEAD_BYTES_MAX = 64 * 1024;
/** Characters of events buffered for a slow reader: a thousand events or more. The rest are counted as lost. */
export const EVENT_BUFFER_LENGTH_MAX = 256 * 1024;
/** The longest HTTP head accepted; browsers with many cookies stay below it, and servers commonly accept 8 KiB. */
export const HTTP_HEAD_BYTES_MAX = 16 * 1024;
/** How long a peer may take to send its WebSocket handshake. */
export const HANDSHAKE_MS_MAX = 10_000;
/** How long a peer may take to read the last reply and close its side. */
export const LINGER_MS_MAX = 1_000;
/** Locks that one connection may have kept by grace: a departure hands them over in one step. */
export const GRACE_LOCKS_MAX = 10_000;

// What the state remembers.

/** Free exclusive and free shared locks that keep their map entry. Reusing many names in turn leaves deleted entries far apart. */
export const FREE_LOCKS_MAX = 256;
/** Shared locks a holder has released that keep their entry in its map. */
export const FREE_HOLDS_MAX = 16;
/** Ended locks remembered, each for released ones and for all others, */
export const ENDED_LOCKS_MAX = 100_000;
/** and the total length of their names: a hundred thousand names of usual length. */
export const ENDED_NAMES_LENGTH_MAX = 16 * 1024 * 1024;
/** Steps of a search for a deadlock: some tens of milliseconds, which only a deliberate load reaches. */
export const DEADLOCK_STEPS_MAX = 100_000;

// How much work runs before others get a turn.

/** How long one session may work while others wait. */
export const TIME_SLICE_MS = 5;
/** Lock requests between two checks of the time slice: each costs little, and about the same. */
export const LOCK_REQUESTS_PER_SLICE_CHECK = 16;
/** Pool requests between two checks: one of them may touch a very large number of entries. */
export const POOL_REQUESTS_PER_SLICE_CHECK = 1;
/** Uses of one clock reading; the work between two readings takes far less than a time slice. */
export const USES_PER_CLOCK_READING = 32;
/** Pool sessions that may end before the clock is read again. */
export const ENDED_SESSIONS_PER_CLOCK_READING = 16;
/** Stale entries of departed holders removed in one step: a fraction of a millisecond. */
export const CLEAN_UP_BATCH_MAX = 1000;
/** Leases and waits ended in one step: a few milliseconds. */
export const EXPIRY_BATCH_MAX = 128;
/** Pool sessions ended by one step of housekeeping: a few milliseconds. */
export const HOUSEKEEPING_BATCH_MAX = 2000;
/** Housekeeping only frees memory, so nobody notices when it runs. */
export const HOUSEKEEPING_INTERVAL_MS = 1000;
/** Entries that one step of a pool listing visits: some ten microseconds. */
export const LISTING_BATCH_MAX = 256;
/** Events taken from epoll at once; each of their sockets is served before the next call. */
export const EPOLL_EVENTS_MAX = 128;
/** Connections accepted in one go: a few milliseconds, while other sockets wait. */
export const ACCEPT_BATCH_MAX = 256;
/** Connections that the kernel queues before they are accepted; it may allow fewer. */
export const ACCEPT_BACKLOG = 4096;
/**
 * Descriptors searched for the listening socket that the runtime has just opened, in about a
 * millisecond; a server opens its listeners first.
 */
export const DESCRIPTOR_SEARCH_MAX = 4096;
/** The longest delay of a runtime timer; a later time is set in several steps. */
export const TIMER_MS_MAX = 2 ** 31 - 1;
/** How long connections may take to close before the program exits anyway. */
export const STOP_MS_MAX = 2_000;

// The log.

/** Log bytes queued for a slow reader: a burst of thousands of lines fits, and a stuck reader costs no more. */
export const LOG_QUEUE_BYTES_MAX = 1024 * 1024;
/** The longest log line; what a client sent makes up most of a longer one. */
export const LOG_LINE_LENGTH_MAX = 4096;

// Files.

/** How long to wait for a file lock that is only ever held for an instant. */
export const FILE_LOCK_MS_MAX = 500;
/** How long to wait while another server writes the same configuration file. */
export const CONF_LOCK_MS_MAX = 5_000;
