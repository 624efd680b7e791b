/**
 * The terminal: the server, or one of the other subcommands. Each loads only what it needs: the
 * server starts without the others, and they start without the server.
 */

/** Runs the program; resolves to its exit status. Without a subcommand it serves. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = "", ...rest] = args;
  if (/^--?version$/.test(first)) {
    return await (await import("./subcommands.ts")).run("version", rest);
  }
  const serves = first === "" || first === "serve" || first.startsWith("-");
  if (!serves) return await (await import("./subcommands.ts")).run(first, rest);
  const { serve } = await import("./serve.ts");
  return await serve(first === "serve" ? rest : args);
}
