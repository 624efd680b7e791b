/** A pair of byte streams to a server, whatever carries them: what each file here makes of its own. */

export interface Link {
  /** Whether what is written goes as one message, which is answered by one: a line each, then. */
  readonly isMessages: boolean;
  /** What has come; null at the end. Rejects when the connection breaks. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  /** Ends it, at once; a read that waits gets its null. May be called again. */
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

/** Text as it goes on the wire. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text);
}
