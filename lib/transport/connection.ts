/** The interface of all transports to the rest of the program. Each transport has its own file. */

/**
 * The message boundary after the last chunk of bytes. A byte stream has none. In a message
 * transport, a message is still open or has just ended; the server answers each message, even an
 * empty one, with exactly one message.
 */
export type Boundary = "none" | "open" | "end";

/** How a connection ended: the peer closed it, or it was lost or was dropped by the server. */
export type CloseReason = "closed" | "lost";

export interface Connection {
  /** The peer's address as text: a default name, never an identity. */
  readonly address: string;
  /** The IP address of the peer's machine; undefined when it can only be this machine. */
  readonly host: string | undefined;
  /** The message boundary after the last chunk. */
  readonly boundary: Boundary;
  /**
   * Hands all received bytes to the receiver, chunk by chunk, until the end of the input or until
   * the receiver is done. The end of a message ends a line. Rejects with `ConnectionLostError`, or
   * with the error that `onData` threw.
   */
  pump(receiver: Receiver): Promise<void>;
  /**
   * Sends all bytes; the caller may reuse the buffer when this returns. With `more`, the next write
   * continues the same message. Returns undefined when nothing has to be awaited: either the bytes
   * are sent, or reading from the peer pauses until they are. Throws, or rejects with,
   * `ConnectionLostError`.
   */
  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined;
  /** How the connection ended, if it has: the system may know before the receiver does. */
  closeReason(): CloseReason | undefined;
  /** Whether bytes have arrived that the receiver does not have yet, if the system can tell. */
  hasUnread(): boolean;
  /**
   * Whether a web page opened the connection, as browsers announce. A page may come from any site,
   * and may act against the wishes of the browser's user.
   */
  readonly isWebPage: boolean;
  /**
   * Closes the connection, with a proper closing sequence where the transport has one. "asked": the
   * peer requested it and may have sent more than was read. A second call does nothing. Never
   * throws.
   */
  close(why?: "asked"): Promise<void>;
}

/** Receives the bytes that a peer sends. */
export interface Receiver {
  /**
   * Takes the next bytes, or null when the peer has closed its sending side. The bytes are valid
   * until this returns or the returned promise settles; nothing more is handed over until then.
   */
  onData(bytes: Uint8Array<ArrayBuffer> | null): Promise<void> | undefined;
  /** Called when any bytes arrive, whether or not they are handed over. */
  onActivity?(): void;
  /** Called when the connection has ended, but some received bytes are not handed over yet. */
  onClosing?(reason: CloseReason): void;
  /** Whether the receiver wants no more bytes. */
  readonly isDone: boolean;
  /** Called once, at the end, before any other connection's bytes are handed over. */
  onClose(reason: CloseReason): void;
}

/** An open listener. */
export interface Listener {
  /** Transport and address for people: "tcp 127.0.0.1:9999". */
  readonly label: string;
  /**
   * Stops accepting and removes the socket file, if there is one; open connections stay. Returns a
   * promise when closing is asynchronous. Never throws.
   */
  close(): Promise<void> | undefined;
}

/** Takes over a connection that was accepted. */
export type OnConnection = (connection: Connection) => void;
