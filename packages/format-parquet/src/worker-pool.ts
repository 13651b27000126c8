import { Worker } from "node:worker_threads";
import type { MainCalls, WorkerCalls } from "./parquet-calls.js";
import { connect, type Handlers, type Peer, PeerError } from "./peer.js";

/** Wasm memory never shrinks, so a thread that grew beyond this is not kept. Bytes. */
const idleMemory = 96 * 1024 * 1024;

/** Threads that hold the wasm module; one that ended its job well is kept for the next one. */
export class WorkerPool {
  #idle: ParquetWorker | undefined;

  /** A thread for one job. It fails with `signal.reason` when the signal is aborted, and with what a handler throws. */
  start(handlers: Partial<Handlers<MainCalls>>, signal: AbortSignal | undefined): Job {
    const worker = this.#idle?.alive ? this.#idle : new ParquetWorker();
    this.#idle = undefined;
    worker.begin(handlers);
    const abort = (): void => worker.fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    return {
      call: (name, argument) => worker.peer.call(name, argument),
      end: async (reusable) => {
        signal?.removeEventListener("abort", abort);
        const memory = reusable ? await worker.reset() : undefined;
        if (memory === undefined || memory > idleMemory || this.#idle !== undefined) {
          await worker.terminate();
          return;
        }
        worker.rest();
        this.#idle = worker;
      },
    };
  }
}

export interface Job {
  readonly call: Peer<WorkerCalls>["call"];
  /** Gives the thread back, or ends it unless it waits for the next call. */
  end(reusable: boolean): Promise<void>;
}

class ParquetWorker {
  readonly peer: Peer<WorkerCalls>;
  alive = true;
  readonly #worker: Worker;
  #handlers: Partial<Handlers<MainCalls>> = {};

  constructor() {
    this.#worker = new Worker(new URL("./parquet-worker.js", import.meta.url), { execArgv: [], name: "mlforge-parquet" });
    this.peer = connect<WorkerCalls, MainCalls>(
      this.#worker,
      {
        read: (argument) => expect(this.#handlers.read)(argument),
        nextBatch: (argument) => expect(this.#handlers.nextBatch)(argument),
      },
      (error) => {
        this.fail(error);
        return undefined;
      },
    );
    this.#worker.on("error", (error) => this.fail(new PeerError(`parquet-wasm stopped (${error})`, { cause: error })));
    this.#worker.on("exit", () => this.fail(new PeerError("the thread of parquet-wasm ended")));
  }

  begin(handlers: Partial<Handlers<MainCalls>>): void {
    this.#handlers = handlers;
    this.#worker.ref();
  }

  /** The bytes of wasm memory it holds, or nothing if it cannot be used again. */
  async reset(): Promise<number | undefined> {
    try {
      return await this.peer.call("reset", undefined);
    } catch {
      return undefined;
    }
  }

  rest(): void {
    this.#handlers = {};
    this.#worker.unref();
  }

  fail(error: unknown): void {
    this.alive = false;
    this.peer.fail(error);
    void this.#worker.terminate();
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

function expect<T>(handler: T | undefined): T {
  if (handler === undefined) throw new TypeError("the job has no such handler");
  return handler;
}
