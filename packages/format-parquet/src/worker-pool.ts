import { Worker } from "node:worker_threads";
import type { MainCalls, WorkerCalls } from "./parquet-calls.js";
import { connect, type Handlers, type Peer, PeerError } from "./peer.js";

/** The size, in bytes, above which a thread is not kept. Wasm memory never shrinks. */
const idleMemory = 96 * 1024 * 1024;

/** Runs threads with the wasm module. Keeps one that finished its job for the next job. */
export class WorkerPool {
  #idle: ParquetWorker | undefined;

  /** Returns a thread for one job. The job fails with `signal.reason` if the signal is aborted, and with the error that a handler throws. */
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
  /** Returns the thread to the pool, or ends it if it cannot be reused. */
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

  /** Returns the number of bytes of wasm memory that the thread holds, or undefined if it cannot be reused. */
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
