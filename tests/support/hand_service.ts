/** A server's lock service without any socket, for connections that are played by hand. */
import { commands as extendedCommands } from "../../lib/commands/extended/mod.ts";
import { commands as glockdCommands } from "../../lib/commands/glockd/mod.ts";
import type { Command } from "../../lib/dispatch/command.ts";
import { serveSession, type Service } from "../../lib/dispatch/session.ts";
import { CommandTable } from "../../lib/dispatch/command_table.ts";
import { readConfig } from "../../lib/server/config.ts";
import { buildServices } from "../../lib/server/services.ts";
import { HandClock } from "./hand_clock.ts";
import { HandConnection } from "./hand_connection.ts";

export class HandService {
  readonly clock = new HandClock();
  readonly service: Service;
  /** The ends of all sessions so far. */
  readonly ended: Promise<unknown>[] = [];

  /** @param more rows besides those of a server. */
  constructor(...more: Command[]) {
    const { glockd } = buildServices(readConfig([]), undefined, { clock: this.clock });
    const rows = [...glockdCommands, ...extendedCommands, ...more];
    this.service = { ...glockd, table: new CommandTable(rows, new Set(["dump", "registry"])) };
  }

  /** One who has said hello. */
  connect(): HandConnection {
    const connection = new HandConnection();
    this.ended.push(serveSession(connection, this.service));
    connection.say("hello\n");
    connection.heard();
    return connection;
  }

  /** One who holds `names`. */
  holderOf(...names: string[]): HandConnection {
    const holder = this.connect();
    for (const name of names) holder.say(`acquire ${name}\n`);
    holder.heard();
    return holder;
  }

  /** What somebody else is told: the state of a lock. */
  async ask(line: string): Promise<string> {
    const connection = this.connect();
    connection.say(`${line}\n`);
    await connection.untilLines(1);
    const reply = connection.heard();
    connection.halfClose();
    return reply;
  }
}
