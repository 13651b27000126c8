import { Worker } from "node:worker_threads";

/** The milliseconds without a beat after which the event loop counts as blocked. */
const patience = 1000;

/** The global function through which the watching thread reaches the main thread. */
const name = "mlforge.blocked";

/** Sends an expression to the main thread through V8's inspector, which runs it even in the middle of an endless loop. Opens no port. */
const watcher = `
const { Session } = require("node:inspector");
const { workerData: { beats, patience, name } } = require("node:worker_threads");
const counter = new Int32Array(beats);
let last = -1;
setInterval(() => {
  const now = Atomics.load(counter, 0);
  if (now === last) tell();
  last = now;
}, patience);
// At its end, the main thread would wait for a session to disconnect.
function tell() {
  const session = new Session();
  session.connectToMainThread();
  const expression = "globalThis[Symbol.for(" + JSON.stringify(name) + ")]?.()";
  session.post("Runtime.evaluate", { expression }, () => session.disconnect());
}
`;

/**
 * Calls `blocked` while JavaScript keeps the event loop from running, and `free` when it runs again.
 *
 * Runtimes that cannot reach the main thread from another one call neither.
 */
export function watchEventLoop(blocked: () => void, free: () => void): void {
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  let isBlocked = false;
  Object.defineProperty(globalThis, Symbol.for(name), {
    configurable: true,
    value: () => {
      isBlocked = true;
      blocked();
    },
  });
  const beat = setInterval(() => {
    Atomics.add(counter, 0, 1);
    if (isBlocked) free();
    isBlocked = false;
  }, patience / 10);
  beat.unref();
  const worker = new Worker(watcher, { eval: true, execArgv: [], workerData: { beats, patience, name } });
  worker.on("error", () => clearInterval(beat));
  worker.unref();
}
