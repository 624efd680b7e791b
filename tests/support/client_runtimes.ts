/**
 * The client suite in other runtimes: the package for npm and the suite are compiled, a program is
 * started that runs them and tells what came of each case, and each becomes a test here.
 */
import { cases, type Kind } from "../client/suite/mod.ts";
import type { Result } from "../client/suite/runner.ts";
import { type Site, startStage } from "./client_stage.ts";

const root = new URL("../../", import.meta.url);
/** A run that tells nothing for so long has come to a standstill. */
const STANDSTILL_MS = 90_000;

export interface Runtime {
  readonly label: string;
  /** Tried in this order. */
  readonly programs: readonly string[];
  /** What to ask a program to know it by, and what it answers. */
  readonly probe: readonly [args: readonly string[], answer: RegExp];
  /** Kinds of connections that it has for certain. */
  readonly kinds: readonly Kind[];
  /** Prepares a run; the program's arguments. @param folder with `npm/` and `suite/`. */
  prepare(folder: string, stage: string): Promise<string[]>;
}

/** Runs the suite, and makes a test of each case. */
export async function testIn(runtime: Runtime): Promise<void> {
  const program = runtime.programs.find((it) => isThere(it, runtime));
  if (program === undefined) return testNothing(runtime);
  const { results, trouble } = await run(runtime, program);
  const told = new Map(results.map((result) => [`${result.kind}: ${result.name}`, result]));
  for (const kind of new Set([...runtime.kinds, ...results.map((result) => result.kind)])) {
    for (const { name } of cases) {
      Deno.test(`client in ${runtime.label} over ${kind}: ${name}`, () => {
        const result = told.get(`${kind}: ${name}`);
        if (result === undefined) throw new Error(`it did not come to its end: ${trouble}`);
        if (result.error !== undefined) throw new Error(result.error);
      });
    }
  }
}

/** A test that is skipped for all to see; where everything must be there, a failure. */
function testNothing({ label, programs }: Runtime): void {
  const mustBe = Deno.env.get("CI") === "true";
  const why = `there is no ${programs.join(", no ")} on this machine`;
  Deno.test({
    name: `SKIPPED: the client suite in ${label}: ${why}`,
    ignore: !mustBe,
    fn: () => {
      throw new Error(why);
    },
  });
}

function isThere(program: string, { probe: [args, answer] }: Runtime): boolean {
  try {
    const { stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
    return answer.test(new TextDecoder().decode(stdout));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(
  runtime: Runtime,
  program: string,
): Promise<{ results: Result[]; trouble: string }> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast client-" });
  const results: Result[] = [];
  const over = Promise.withResolvers<string>();
  let watchdog = setTimeout(() => {}, 0);
  const awaken = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => over.resolve("it stands still"), STANDSTILL_MS);
  };
  awaken();
  const site: Site = async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET") return await fileOf(folder, pathname);
    if (pathname !== "/result") return undefined;
    awaken();
    const result = await request.json() as Result | "done";
    if (result === "done") over.resolve("");
    else results.push(result);
    return Response.json({});
  };
  const stage = startStage(site);
  try {
    await compile(folder);
    const args = await runtime.prepare(folder, stage.url);
    const process = new Deno.Command(program, { args, stdout: "null", stderr: "piped" }).spawn();
    const ended = process.output().then(({ code, stderr }) =>
      `it ended with status ${code}: ${new TextDecoder().decode(stderr).slice(-2000)}`
    );
    const trouble = await Promise.race([over.promise, ended]);
    try {
      process.kill("SIGTERM");
    } catch { /* it has ended already */ }
    await ended;
    return { results, trouble };
  } finally {
    clearTimeout(watchdog);
    await stage[Symbol.asyncDispose]();
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
