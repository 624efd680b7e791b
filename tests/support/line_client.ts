/** A client that sends one request at a time over a stream and reads the lines of its reply. */
import { bytesOf, textOf } from "../../lib/wire/bytes.ts";

export class LineClient implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #buffer = new Uint8Array(64 * 1024);
  #text = "";

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async dial(address: { hostname: string; port: number }): Promise<LineClient> {
    const conn = await Deno.connect(address);
    conn.setNoDelay(true);
    return new LineClient(conn);
  }

  /** Sends the line and resolves to the first line of its reply, without its line end. */
  async ask(line: string): Promise<string> {
    await this.#send(line);
    return await this.#line();
  }

  /** Sends the line and `me`; resolves to all lines before the reply to `me`. */
  async askAll(line: string): Promise<string[]> {
    await this.#send(`${line}\nme`);
    const lines: string[] = [];
    for (let next; !/^1 \S+:\d+ /.test(next = await this.#line());) lines.push(next);
    return lines;
  }

  /** Ends the sending side. */
  end(): Promise<void> {
    return this.#conn.closeWrite();
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }

  async #send(text: string): Promise<void> {
    const bytes = bytesOf(`${text}\n`);
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, "");
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const count = await this.#conn.read(this.#buffer);
      if (count === null) {
        throw new Error(`Cannot read a line: the connection ended after "${this.#text}"`);
      }
      this.#text += textOf(this.#buffer, 0, count);
    }
  }
}
