/** The client's side of a WebSocket, for tests. Text has one character per byte. */
import { textOf } from "../../lib/wire/bytes.ts";
import { CloseCode, closePayload } from "../../lib/wire/frames.ts";
import { acceptValue } from "../../lib/transport/handshake.ts";
import { AssertionError } from "./assert.ts";
import { openSocket, Peer } from "./peer.ts";
import type { Address } from "./server.ts";
import { exactly, type Match, readable, type Wanted } from "./wanted.ts";
import * as frames from "./ws_frames.ts";

export interface ReceiveOptions {
  /** The required type of the frames; by default text or binary. */
  readonly type?: frames.FrameType | undefined;
  /** Joins frames until they match. */
  readonly joined?: boolean | undefined;
}

export class WsPeer extends Peer {
  #closeSent = false;
  #closeReceived = false;

  /**
   * Connects and completes the handshake; rejects if the server refuses it.
   * @param origin the `Origin` header; null: no header.
   */
  static override async connect(
    to: Address,
    origin: string | null = "http://localhost/",
  ): Promise<WsPeer> {
    const peer = new WsPeer(await openSocket(to));
    try {
      await peer.#handshake(to, origin);
    } catch (error) {
      await peer.close();
      throw error;
    }
    return peer;
  }

  /** Sends one frame. */
  override async send(data: string | Uint8Array, options?: frames.SendOptions): Promise<void> {
    await super.send(frames.clientFrame(data, options));
  }

  /** Sends several text frames in one packet. */
  async sendTogether(texts: readonly string[]): Promise<void> {
    await super.send(texts.map((text) => textOf(frames.clientFrame(text))).join(""));
  }

  /** Waits for the next frame, which must be exactly the wanted text. */
  override async receive(wanted: string | Wanted, options: ReceiveOptions = {}): Promise<string> {
    const { match, compare } = typeof wanted === "string" ? exactly(wanted) : wanted;
    const types: readonly frames.FrameType[] = options.type ? [options.type] : ["text", "binary"];
    let got = "";
    for (;;) {
      const { type, text } = await this.frame();
      got += text;
      if (!types.includes(type)) {
        const rather = types.join(" or ");
        throw new AssertionError(`wanted a ${rather} frame\ngot a ${type} frame ${readable(text)}`);
      }
      const matched = match(got);
      if (matched === got.length) return got;
      if (matched !== "more" || !options.joined) throw new AssertionError(compare(got));
    }
  }

  /** Takes the next reply, which is one frame. */
  override async reply(): Promise<string> {
    return await this.receive(anything);
  }

  /** Waits for the next frame of any type. */
  async frame(): Promise<frames.Frame> {
    return frames.readFrame(await super.receive(frames.oneFrame));
  }

  async sendClose(code: number = CloseCode.normal): Promise<void> {
    this.#closeSent = true;
    await this.send(closePayload(code), { type: "close" });
  }

  /** Waits for a close frame with this code. */
  async receiveClose(code: number): Promise<void> {
    await this.receive(textOf(closePayload(code)), { type: "close" });
    this.#closeReceived = true;
  }

  /** Closes as a browser does; fails if anything but the close frame and the end comes. */
  override async leave(): Promise<void> {
    if (!this.#closeReceived) {
      if (!this.#closeSent) await this.sendClose();
      await this.receiveClose(CloseCode.normal);
    }
    await super.leave();
  }

  async #handshake(to: Address, origin: string | null): Promise<void> {
    const key = btoa(textOf(crypto.getRandomValues(new Uint8Array(16))));
    const request = [
      "GET / HTTP/1.1",
      `Host: ${to.hostname}:${to.port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      ...(origin === null ? [] : [`Origin: ${origin}`]),
    ];
    await super.send(`${request.join("\r\n")}\r\n\r\n`);
    const head = await super.receive(httpHead);
    const accept = /^sec-websocket-accept:[ \t]*(\S+)\r$/im.exec(head)?.[1];
    if (/^HTTP\/1\.1 101 /.test(head) && accept === await acceptValue(key)) return;
    throw new AssertionError(`wanted the handshake to be accepted\ngot ${readable(head)}`);
  }
}

const anything: Wanted = {
  match: (got) => got.length,
  compare: (got) => `wanted anything\ngot ${readable(got)}`,
};

const httpHead: Wanted = {
  match(got: string): Match {
    const end = got.indexOf("\r\n\r\n");
    return end < 0 ? "more" : end + 4;
  },
  compare: (got) => `wanted an HTTP head\ngot ${readable(got)}`,
};
