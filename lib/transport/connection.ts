/** What the rest of the program knows of a peer. Each transport has a file beside this one. */

/**
 * What the last chunk of bytes ended. A byte stream has no message boundaries ("none"). A message
 * transport tells whether a message is still open or has just ended: each message, even an empty one,
 * is answered by exactly one message.
 */
export type Boundary = "none" | "open" | "end";

/** How a connection ended: its peer closed it, or it was lost or dropped by the server. */
export type CloseReason = "closed" | "lost";

export interface Connection {
  /** The peer's address as text: a default name, never an identity. */
  readonly address: string;
  /** The IP address of the peer's machine; undefined when it can only be this machine. */
  readonly host: string | undefined;
  /** What the last chunk ended. */
  readonly boundary: Boundary;
  /**
   * Hands all received bytes to the receiver, chunk by chunk, until the end of the input or until the
   * receiver is done. The end of a message ends a line. Rejects with `ConnectionLostError`, or with
   * what `onData` threw.
   */
  pump(receiver: Receiver): Promise<void>;
  /**
   * Sends all bytes; the caller may reuse the buffer when this returns. With `more`, the next write
   * continues the same message. Returns undefined when nothing has to be awaited: either the bytes
   * are sent, or reading from the peer pauses until they are. Throws, or rejects with,
   * `ConnectionLostError`.
   */
  write(bytes: Uint8Array<ArrayBuffer>, more?: "more"): Promise<void> | undefined;
  /** How the peer ended the connection, if it has: the system may know before the receiver does. */
  closeReason(): CloseReason | undefined;
  /** Whether bytes have arrived that the receiver has not got yet, as far as the system tells. */
  hasUnread(): boolean;
  /**
   * Whether a web page opened the connection, which browsers announce. A page may come from anywhere,
   * and need not do what the person in front of it wants.
   */
  readonly isWebPage: boolean;
  /**
   * Ends the connection, with a proper closing sequence where the transport has one. "asked": the
   * peer requested it and may have sent more than was read. Calling it twice is harmless. Never
   * throws.
   */
  close(why?: "asked"): Promise<void>;
}

/** Takes what a peer sends. */
export interface Receiver {
  /**
   * Takes the next bytes, or null when the peer has closed its sending side. The bytes are valid until
   * this returns or the returned promise settles; nothing more is handed over until then.
   */
  onData(bytes: Uint8Array<ArrayBuffer> | null): Promise<void> | undefined;
  /** Called when anything arrives, whether or not it is handed over. */
  onActivity?(): void;
  /** Called when the peer has ended, but some of what it sent before is not handed over yet. */
  onClosing?(reason: CloseReason): void;
  /** Whether the receiver wants nothing more. */
  readonly isDone: boolean;
  /** Called once, at the end, before any other connection's bytes are handed over. */
  onClose(reason: CloseReason): void;
}

/** An open listener. */
export interface Listener {
  /** Transport and address for people: "tcp 127.0.0.1:9999". */
  readonly label: string;
  /**
   * Stops accepting and removes what listening left behind; open connections stay. Returns a promise
   * when that takes a moment. Never throws.
   */
  close(): Promise<void> | undefined;
}

/** Takes over a connection that was accepted. */
export type OnConnection = (connection: Connection) => void;
