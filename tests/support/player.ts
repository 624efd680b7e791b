/**
 * Replays a recorded dialogue against a server that was just started, exactly as it was recorded.
 *
 * Expected silence costs no waiting. Unexpected bytes are found after a round trip of another
 * client, at the next comparison of their connection, or at the end of the dialogue.
 */
import { AssertionError } from "./assert.ts";
import { Peer, TIMEOUT_MS } from "./peer.ts";
import * as data from "./recorded_data.ts";
import type { Addresses } from "./server.ts";
import { readable, type Wanted } from "./wanted.ts";
import { type ReceiveOptions, WsPeer } from "./ws_peer.ts";

/** The interval between two requests of a `poll`. */
const POLL_MS = 5;
/** Longer steps are cut in error messages. */
const STEP_LENGTH_MAX = 300;

/** Replays a scenario. Rejects with the step that failed, and what it wanted and got. */
export async function play(scenario: data.Scenario, addresses: Addresses): Promise<void> {
  const player = new Player(addresses);
  let where = "";
  try {
    for (const [i, step] of scenario.steps.entries()) {
      where = `step ${i + 1} ${JSON.stringify(step).slice(0, STEP_LENGTH_MAX)}`;
      await player.run(step);
    }
    where = "after the last step";
    await player.close();
  } catch (error) {
    const headline = `${scenario.name}, ${where}`;
    if (!(error instanceof AssertionError)) throw new Error(headline, { cause: error });
    throw new AssertionError(`${headline}\n${error.message}`);
  } finally {
    await player.dispose();
  }
}

type StepOf<K extends string> = Extract<data.Step, Readonly<Record<K, unknown>>>;

class Player {
  readonly #addresses: Addresses;
  readonly #peers = new Map<string, Peer>();
  readonly #names = new Map<string, string>();
  #unixPeers = 0;

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  async run(step: data.Step): Promise<void> {
    if ("sleep_ms" in step) return await pause(step.sleep_ms);
    if ("open" in step) return await this.#open(step);
    const peer = this.#peer(step.conn);
    if ("send" in step) await send(peer, step);
    else if ("frames" in step) await asWs(peer).sendTogether(step.frames.map(data.sentText));
    else if ("recv" in step) {
      const options = { type: step.frame, joined: step.join };
      await receive(peer, data.wantedOf(step.recv, this.#nameOf), options);
    } else if ("recv_unordered" in step) {
      await peer.receive(data.wantedInAnyOrder(step.recv_unordered, this.#nameOf));
    } else if ("recv_map" in step) {
      await peer.receive(data.wantedMap(step.recv_map, this.#nameOf));
    } else if ("recv_close" in step) await asWs(peer).receiveClose(step.recv_close);
    else if ("expect_silence_ms" in step) await this.#expectSilence(peer);
    else if ("expect_eof_ms" in step) await peer.expectEnd();
    else if ("close" in step) await this.#close(peer, step);
    else await this.#poll(peer, step);
  }

  /** Closes the open connections; rejects if bytes arrive that no step has received. */
  async close(): Promise<void> {
    for (const [conn, peer] of this.#peers) {
      await peer.leave().catch(during(`while closing connection ${conn}`));
    }
  }

  /** Closes all sockets, also after a failure. */
  async dispose(): Promise<void> {
    for (const peer of this.#peers.values()) await peer.close();
  }

  readonly #nameOf = (conn: string): string => {
    const name = this.#names.get(conn);
    if (name === undefined) throw new Error(`The step names connection ${conn}, which is not open`);
    return name;
  };

  #peer(conn: string): Peer {
    const peer = this.#peers.get(conn);
    if (peer === undefined) throw new Error(`The step needs connection ${conn}, which is not open`);
    return peer;
  }

  async #open({ conn, open, origin }: StepOf<"open">): Promise<void> {
    const peer = open === "ws"
      ? await WsPeer.connect(this.#addresses.ws, origin)
      : await Peer.connect(this.#addresses[open]);
    this.#peers.set(conn, peer);
    // A new server numbers its Unix peers in the order of their arrival, as this player does.
    this.#names.set(conn, open === "unix" ? `unix:${++this.#unixPeers}` : peer.address);
  }

  async #close(peer: Peer, { conn, close }: StepOf<"close">): Promise<void> {
    if (close === "ws") return await asWs(peer).sendClose();
    if (close === "half") return await peer.endSending();
    this.#peers.delete(conn);
    await (close === "rst" ? peer.reset() : peer.close());
  }

  /**
   * Connects and closes another client, which changes no counter except that of connections, and
   * only meanwhile. By then the server has sent any reply to earlier input.
   */
  async #expectSilence(peer: Peer): Promise<void> {
    const visitor = await Peer.connect(this.#addresses.tcp);
    await visitor.leave().catch(during("while another client connected and left")).finally(() =>
      visitor.close()
    );
    await pause(0);
    if (peer.received === "" && peer.end === undefined) return;
    const end = peer.end === undefined ? "" : ` and the end (${peer.end})`;
    throw new AssertionError(`wanted nothing\ngot ${readable(peer.received)}${end}`);
  }

  async #poll(peer: Peer, { poll, until }: StepOf<"poll">): Promise<void> {
    const wanted = data.wantedOf(until, this.#nameOf);
    for (const deadline = Date.now() + TIMEOUT_MS;;) {
      await peer.send(data.sentText(poll));
      const got = await peer.reply();
      if (wanted.match(got) === got.length) return;
      if (Date.now() > deadline) throw new AssertionError(wanted.compare(got));
      await pause(POLL_MS);
    }
  }
}

async function send(peer: Peer, { send, frame, fin, mask }: StepOf<"send">): Promise<void> {
  const text = data.sentText(send);
  if (!(peer instanceof WsPeer)) return await peer.send(text);
  await peer.send(text, { type: frame, final: fin, masked: mask });
}

async function receive(peer: Peer, wanted: Wanted, options: ReceiveOptions): Promise<void> {
  await (peer instanceof WsPeer ? peer.receive(wanted, options) : peer.receive(wanted));
}

function asWs(peer: Peer): WsPeer {
  if (!(peer instanceof WsPeer)) throw new Error("The step needs a WebSocket");
  return peer;
}

/** Returns a handler that rethrows an assertion error with the circumstances. */
function during(when: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AssertionError)) throw error;
    throw new AssertionError(`${when}\n${error.message}`);
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
