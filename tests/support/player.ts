/**
 * Plays a recorded dialogue against a server that was just started, exactly as it was recorded.
 *
 * Silence is not waited for. What should not have come is found after a detour, and at the latest
 * where the next bytes of its connection are compared, or at the end of the dialogue.
 */
import { AssertionError } from "./assert.ts";
import { PATIENCE_MS, Peer } from "./peer.ts";
import * as data from "./recorded_data.ts";
import type { Places } from "./server.ts";
import { readable, type Wanted } from "./wanted.ts";
import { type ReceiveOptions, WsPeer } from "./ws_peer.ts";

/** Between two questions of a `poll`. */
const POLL_MS = 5;
/** A longer step is cut in a failure's message. */
const STEP_LENGTH_MAX = 300;

/** Fails with the step, and what was wanted and got there. */
export async function play(scenario: data.Scenario, places: Places): Promise<void> {
  const player = new Player(places);
  let where = "";
  try {
    for (const [i, step] of scenario.steps.entries()) {
      where = `step ${i + 1} ${JSON.stringify(step).slice(0, STEP_LENGTH_MAX)}`;
      await player.take(step);
    }
    where = "behind the last step";
    await player.leave();
  } catch (error) {
    const headline = `${scenario.name}, ${where}`;
    if (!(error instanceof AssertionError)) throw new Error(headline, { cause: error });
    throw new AssertionError(`${headline}\n${error.message}`);
  } finally {
    await player.drop();
  }
}

type StepOf<K extends string> = Extract<data.Step, Readonly<Record<K, unknown>>>;

class Player {
  readonly #places: Places;
  readonly #peers = new Map<string, Peer>();
  readonly #names = new Map<string, string>();
  #unixPeers = 0;

  constructor(places: Places) {
    this.#places = places;
  }

  async take(step: data.Step): Promise<void> {
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

  /** Ends what is still open; fails when anything comes that no step has taken. */
  async leave(): Promise<void> {
    for (const [conn, peer] of this.#peers) {
      await peer.leave().catch(told(`when connection ${conn} was ended`));
    }
  }

  /** Closes all sockets, however it went. */
  async drop(): Promise<void> {
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
      ? await WsPeer.connect(this.#places.ws, origin)
      : await Peer.connect(this.#places[open]);
    this.#peers.set(conn, peer);
    // A server that was just started counts its Unix peers as they come: as we do.
    this.#names.set(conn, open === "unix" ? `unix:${++this.#unixPeers}` : peer.address);
  }

  async #close(peer: Peer, { conn, close }: StepOf<"close">): Promise<void> {
    if (close === "ws") return await asWs(peer).sendClose();
    if (close === "half") return await peer.endSending();
    this.#peers.delete(conn);
    await (close === "rst" ? peer.reset() : peer.close());
  }

  /**
   * Another client comes and goes, which moves no counter but that of connections, and only for so
   * long. A server that had something to say to what was sent before has said it by then.
   */
  async #expectSilence(peer: Peer): Promise<void> {
    const passer = await Peer.connect(this.#places.tcp);
    await passer.leave().catch(told("when another came and went")).finally(() => passer.close());
    await pause(0);
    if (peer.arrived === "" && peer.end === undefined) return;
    const end = peer.end === undefined ? "" : ` and the end (${peer.end})`;
    throw new AssertionError(`wanted nothing\ngot ${readable(peer.arrived)}${end}`);
  }

  async #poll(peer: Peer, { poll, until }: StepOf<"poll">): Promise<void> {
    const wanted = data.wantedOf(until, this.#nameOf);
    for (const deadline = Date.now() + PATIENCE_MS;;) {
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

/** Rethrows with what was going on. */
function told(when: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AssertionError)) throw error;
    throw new AssertionError(`${when}\n${error.message}`);
  };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
