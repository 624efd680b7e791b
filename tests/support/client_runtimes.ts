/**
 * Runs the client suite in other runtimes: compiles the npm package and the suite, starts a program
 * that runs them and reports each result, and registers a test for each case.
 */
import { cases, type Transport } from "../client/suite/mod.ts";
import type { CaseResult } from "../client/suite/runner.ts";
import { type RequestHandler, startFixtures } from "./client_fixtures.ts";

const root = new URL("../../", import.meta.url);
/** A run without a result for this long hangs. */
const RESULT_MS_MAX = 90_000;

export interface Runtime {
  readonly label: string;
  /** The names of the program, tried in this order. */
  readonly programs: readonly string[];
  /** Arguments that identify the program, and what it then prints. */
  readonly probe: readonly [args: readonly string[], output: RegExp];
  /** The transports that it must support. */
  readonly transports: readonly Transport[];
  /**
   * Prepares a run, and returns the arguments of the program.
   *
   * @param folder contains `npm/` and `suite/`
   * @param fixtures the URL of the fixture server
   */
  prepare(folder: string, fixtures: string): Promise<string[]>;
}

/** Runs the suite, and registers a test for each case. */
export async function runSuiteIn(runtime: Runtime): Promise<void> {
  const program = runtime.programs.find((it) => isInstalled(it, runtime));
  if (program === undefined) return registerSkipped(runtime);
  const { results, end } = await run(runtime, program);
  const byName = new Map(results.map((result) => [`${result.transport}: ${result.name}`, result]));
  const reported = results.map(({ transport }) => transport);
  for (const transport of new Set([...runtime.transports, ...reported])) {
    for (const { name } of cases) {
      Deno.test(`client in ${runtime.label} over ${transport}: ${name}`, () => {
        const result = byName.get(`${transport}: ${name}`);
        if (result === undefined) throw new Error(`no result was reported: ${end}`);
        if (result.error !== undefined) throw new Error(result.error);
      });
    }
  }
}

/** Registers a test that is skipped and says why; it fails in CI, where all runtimes must exist. */
function registerSkipped({ label, programs }: Runtime): void {
  const isRequired = Deno.env.get("CI") === "true";
  const reason = `not installed: ${programs.join(", ")}`;
  Deno.test({
    name: `SKIPPED: the client suite in ${label}: ${reason}`,
    ignore: !isRequired,
    fn: () => {
      throw new Error(reason);
    },
  });
}

function isInstalled(program: string, { probe: [args, output] }: Runtime): boolean {
  try {
    const { stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
    return output.test(new TextDecoder().decode(stdout));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(
  runtime: Runtime,
  program: string,
): Promise<{ results: CaseResult[]; end: string }> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast client-" });
  const results: CaseResult[] = [];
  const done = Promise.withResolvers<string>();
  let watchdog = setTimeout(() => {}, 0);
  const resetWatchdog = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => done.resolve("the run hangs"), RESULT_MS_MAX);
  };
  resetWatchdog();
  const handler: RequestHandler = async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") return await fileOf(folder, pathname);
    if (pathname !== "/result") return undefined;
    resetWatchdog();
    const result = await request.json() as CaseResult | "done";
    if (result === "done") done.resolve("");
    else results.push(result);
    return Response.json({});
  };
  const fixtures = startFixtures(handler);
  try {
    await compile(folder);
    const args = await runtime.prepare(folder, fixtures.url);
    const process = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
    const ended = process.output().then(({ code, stderr }) =>
      `the program exited with ${code}: ${new TextDecoder().decode(stderr).slice(-2000)}`
    );
    const end = await Promise.race([done.promise, ended]);
    try {
      process.kill("SIGTERM");
    } catch { /* it has exited */ }
    await ended;
    return { results, end };
  } finally {
    clearTimeout(watchdog);
    await fixtures[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

async function compile(folder: string): Promise<void> {
  const tool = async (name: string, to: string) => {
    const config = ["run", "--no-prompt", "-A", "--config", "tools/deno.json"];
    const args = [...config, `tools/${name}.ts`, `${folder}/${to}`];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root })
      .output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  await tool("build_npm", "npm/");
  await tool("compile_suite", "suite");
}

const TYPES: Readonly<Record<string, string>> = { js: "text/javascript", html: "text/html" };

async function fileOf(folder: string, pathname: string): Promise<Response> {
  const path = pathname === "/" ? "/index.html" : pathname;
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  const bytes = path.includes("..") || type === undefined
    ? undefined
    : await Deno.readFile(folder + path).catch(() => undefined);
  if (bytes === undefined || type === undefined) return new Response("", { status: 404 });
  return new Response(bytes, { headers: { "content-type": type } });
}
