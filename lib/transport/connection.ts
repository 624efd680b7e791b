/** All that the rest of the program knows about a peer. One file beside this for each transport. */

/**
 * Where a read left off. A byte stream has no edges ("none") and is answered when there is something
 * to say. A transport of messages says whether one is still open or has just ended: each is
 * answered by exactly one message, an empty one too.
 */
export type Boundary = "none" | "open" | "end";

/** How a connection ended: its peer closed it, or it was lost on the way or by ourselves. */
export type CloseReason = "closed" | "lost";

export interface Connection {
  /** The peer's address as text: a default name, never an identity. */
  readonly address: string;
  /** The IP address of the peer's machine; undefined when it can only be this one. */
  readonly host: string | undefined;
  /** Where the last piece left off. */
  readonly boundary: Boundary;
  /**
   * Hands over all that comes, piece by piece, until the end or until nobody wants more. The end of
   * a message is the end of a line. Rejects with `ConnectionLostError`, or with what `hear` threw.
   */
  pump(hearer: Receiver): Promise<void>;
  /**
   * Sends all bytes; they are not needed when this has returned. With `more`, the next write goes on
   * with the same message. Undefined: all is on its way, or what is not holds up the reading. Throws
   * `ConnectionLostError`, or rejects with it.
   */
  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined;
  /** How the peer has ended it, if it has: the system may know before that is heard. */
  closeReason(): CloseReason | undefined;
  /** Whether something has come that is not handed over yet, as far as the system tells. */
  hasUnread(): boolean;
  /**
   * Whether a web page has opened it: browsers say so. A page may be anybody's, and not what the
   * person in front of it wants.
   */
  readonly isPage: boolean;
  /**
   * Ends the connection, politely where the transport knows how; asked for by the peer, it may have
   * sent more than was read. Twice is once; never throws.
   */
  close(why?: "asked"): Promise<void>;
}

/** Who listens to a peer. */
export interface Receiver {
  /**
   * The next bytes, or null when the peer has ended its sending side. They are good until this
   * returns, or the promise it gives is kept; until then nothing more is handed over.
   */
  onData(bytes: Uint8Array<ArrayBuffer> | null): Promise<void> | undefined;
  /** Something has come, whatever it is and whether it is handed over or not. */
  onActivity?(): void;
  /** The peer has ended, and what it sent before has not all been handed over. */
  onClosing?(how: CloseReason): void;
  /** Whether nothing more is to be handed over. */
  readonly isOver: boolean;
  /** It is over; nobody else has been heard since. Called once. */
  onClose(how: CloseReason): void;
}

/** A place where peers arrive. */
export interface Listener {
  /** What it is and where, for people: "tcp 127.0.0.1:9999". */
  readonly label: string;
  /** Stops accepting and leaves nothing behind; connections that are there go on. Never throws. */
  close(): void;
}

/** Takes over a connection that has arrived. */
export type OnConnection = (connection: Connection) => void;

/** The peer is gone without a proper end: reset, timed out, or closed by ourselves meanwhile. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}
