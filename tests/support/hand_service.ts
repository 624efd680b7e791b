/** The lock service of a server without sockets, for connections that a test controls. */
import { commands as extendedCommands } from "../../lib/commands/extended/mod.ts";
import { commands as glockdCommands } from "../../lib/commands/glockd/mod.ts";
import type { Command } from "../../lib/dispatch/command.ts";
import { serveSession } from "../../lib/dispatch/session.ts";
import type { Service } from "../../lib/dispatch/service.ts";
import { CommandTable } from "../../lib/dispatch/command_table.ts";
import { readConfig } from "../../lib/server/config.ts";
import { buildServices } from "../../lib/server/services.ts";
import { HandClock } from "./hand_clock.ts";
import { HandConnection } from "./hand_connection.ts";

export class HandService {
  readonly clock = new HandClock();
  readonly service: Service;
  /** For each session so far, a promise that resolves when it has ended. */
  readonly ended: Promise<unknown>[] = [];

  /** @param more commands besides those of a server. */
  constructor(...more: Command[]) {
    const { glockd } = buildServices(readConfig([]), undefined, { clock: this.clock });
    const rows = [...glockdCommands, ...extendedCommands, ...more];
    this.service = { ...glockd, table: new CommandTable(rows, new Set(["dump", "registry"])) };
  }

  /** Returns a connection that has sent `hello`. */
  connect(): HandConnection {
    const connection = new HandConnection();
    this.ended.push(serveSession(connection, this.service));
    connection.send("hello\n");
    connection.takeReplies();
    return connection;
  }

  /** Returns a connection that holds `names`. */
  connectHolder(...names: string[]): HandConnection {
    const holder = this.connect();
    for (const name of names) holder.send(`acquire ${name}\n`);
    holder.takeReplies();
    return holder;
  }

  /** Returns the reply to a line on a connection of its own. */
  async ask(line: string): Promise<string> {
    const connection = this.connect();
    connection.send(`${line}\n`);
    await connection.untilLines(1);
    const reply = connection.takeReplies();
    connection.halfClose();
    return reply;
  }
}
