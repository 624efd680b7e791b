/** A client's side of a WebSocket, for tests. Text has one character a byte. */
import { textOf } from "../../lib/wire/bytes.ts";
import { CloseCode, closePayload } from "../../lib/wire/frames.ts";
import { acceptValue } from "../../lib/wire/http.ts";
import { AssertionError } from "./assert.ts";
import { openSocket, Peer } from "./peer.ts";
import type { Place } from "./server.ts";
import { exactly, type Match, readable, type Wanted } from "./wanted.ts";
import * as frames from "./ws_frames.ts";

export interface ReceiveOptions {
  /** What the frames must be; text or binary otherwise. */
  readonly type?: frames.FrameType | undefined;
  /** Puts frames together until they are what is wanted. */
  readonly joined?: boolean | undefined;
}

export class WsPeer extends Peer {
  #closeSent = false;
  #closeCame = false;

  /**
   * Connects and shakes hands; fails when it is refused.
   * @param origin what page we are from; null: from none.
   */
  static override async connect(
    to: Place,
    origin: string | null = "http://localhost/",
  ): Promise<WsPeer> {
    const peer = new WsPeer(await openSocket(to));
    try {
      await peer.#shakeHands(to, origin);
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

  /** Waits for the next frame, which must be what is wanted, neither less nor more. */
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

  /** Takes the next reply, one frame, whatever it says. */
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

  /** Waits for the other side's close frame with exactly this code. */
  async receiveClose(code: number): Promise<void> {
    await this.receive(textOf(closePayload(code)), { type: "close" });
    this.#closeCame = true;
  }

  /** Closes as a browser does; fails when anything but the close frame and the end comes. */
  override async leave(): Promise<void> {
    if (!this.#closeCame) {
      if (!this.#closeSent) await this.sendClose();
      await this.receiveClose(CloseCode.normal);
    }
    await super.leave();
  }

  async #shakeHands(to: Place, origin: string | null): Promise<void> {
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
    if (/^HTTP\/1\.1 101 /.test(head) && accept === acceptValue(key)) return;
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
