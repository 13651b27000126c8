/**
 * Runs commands one after another in one process, as `bin/mlforge.js` runs one, for {@link Project.run}. To start a process and load
 * everything takes most of the time of a short command.
 */
import diagnostics from "node:diagnostics_channel";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { main } from "../dist/main.js";

const exit = process.exit;
const { stdout, stderr } = process;
const originals = [stdout, stderr].map(({ write }) => write);
const modules = createRequire(import.meta.url).cache;
const known = new Set(Object.keys(modules));
const subscribe = diagnostics.subscribe;
/** What each command leaves running, such as its watching thread, stays until the process ends. */
const commands = 40;

let subscribed = [];
diagnostics.subscribe = (...args) => {
  subscribed.push(args);
  return subscribe(...args);
};
syncBuiltinESMExports();

class Ended extends Error {}
let ended;
process.exit = (code) => {
  ended ??= code ?? process.exitCode ?? 0;
  throw new Ended();
};

/** Collects what is written to a stream. */
function collect(stream) {
  const parts = [];
  stream.write = (part, encoding, callback) => {
    parts.push(Buffer.from(part, typeof encoding === "string" ? encoding : undefined));
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return parts;
}

async function run({ args, cwd, env }) {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  ended = undefined;
  process.exitCode = undefined;
  const written = [stdout, stderr].map(collect);
  try {
    await main(args);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
  const exitCode = ended ?? process.exitCode ?? 0;
  for (const [index, stream] of [stdout, stderr].entries()) {
    stream.write = originals[index];
    stream.removeAllListeners("error");
  }
  for (const name of ["SIGINT", "SIGTERM"]) process.removeAllListeners(name);
  for (const args of subscribed) diagnostics.unsubscribe(...args);
  subscribed = [];
  // The next command loads the definitions anew.
  for (const path of Object.keys(modules)) if (!known.has(path)) delete modules[path];
  const [out, err] = written.map((parts) => Buffer.concat(parts).toString("utf8"));
  return { exitCode, stdout: out, stderr: err };
}

let count = 0;
const listeners = process.listenerCount("exit");
process.on("disconnect", () => exit(0));
process.on("message", async (command) => {
  const outcome = await run(command);
  count++;
  // A process that holds a folder gives it back when it ends.
  const isLast = count >= commands || process.listenerCount("exit") > listeners;
  process.send({ outcome, isLast }, () => {
    if (isLast) exit(0);
  });
});
