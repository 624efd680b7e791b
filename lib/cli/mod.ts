/**
 * The command line: runs the server or another subcommand. The server starts without loading the
 * other subcommands, and they start without loading the server.
 */

/** Runs the program; resolves to its exit status. Without a subcommand it runs the server. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = "", ...rest] = args;
  if (/^--?version$/.test(first)) {
    return await (await import("./subcommands.ts")).run("version", rest);
  }
  const isServer = first === "" || first === "serve" || first.startsWith("-");
  if (!isServer) return await (await import("./subcommands.ts")).run(first, rest);
  const { serve } = await import("./serve.ts");
  return await serve(first === "serve" ? rest : args);
}
