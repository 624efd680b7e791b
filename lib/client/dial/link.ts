/** A connection to a server as two byte streams; every transport implements `Link`. */

export interface Link {
  /** Whether each write is a message with one reply, and so may hold only one request. */
  readonly isMessages: boolean;
  /** Resolves to the next bytes, or null at the end. Rejects when the connection breaks. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  /** Closes the connection at once, and ends a pending read with null. May be called again. */
  close(): void;
}

export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
}

export interface UnixAddress {
  readonly path: string;
}

export type SocketAddress = TcpAddress | UnixAddress;

const utf8 = new TextEncoder();

/** Returns the UTF-8 bytes of the text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text);
}
