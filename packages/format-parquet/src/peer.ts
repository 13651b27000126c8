/** The calls from one thread to the other: the argument and the result of each call. */
export type Calls = Readonly<Record<string, { readonly argument: unknown; readonly result: unknown }>>;

export type Handlers<C extends Calls> = { readonly [K in keyof C]: (argument: C[K]["argument"]) => Promise<C[K]["result"]> };

/** Calls the other thread and awaits its answer. */
export interface Peer<C extends Calls> {
  call<K extends keyof C & string>(name: K, argument: C[K]["argument"]): Promise<C[K]["result"]>;
  /** Rejects running calls, and all later ones, with `error`. */
  fail(error: unknown): void;
}

interface Port {
  postMessage(message: Message, transfer: ArrayBuffer[]): void;
  on(event: "message", listener: (message: Message) => void): unknown;
}

type Message =
  | { readonly type: "call"; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly type: "result"; readonly id: number; readonly result: unknown }
  | { readonly type: "error"; readonly id: number; readonly message: string };

/** Thrown if the other thread failed or ended. */
export class PeerError extends Error {
  override readonly name: string = "PeerError";
}

/**
 * Connects two threads for calls in both directions. Bytes are moved, not copied, so they must fill their whole buffer.
 *
 * `onFailure` handles an error thrown by a handler: a returned value becomes the message of an error, undefined leaves the caller waiting.
 */
export function connect<Remote extends Calls, Local extends Calls>(
  port: Port,
  handlers: Handlers<Local>,
  onFailure: (error: unknown) => string | undefined,
): Peer<Remote> {
  const waiting = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void }>();
  let failure: { readonly error: unknown } | undefined;
  let lastId = 0;

  async function answer(id: number, name: string, argument: unknown): Promise<void> {
    try {
      const result = await handlers[name]?.(argument);
      const moved = result instanceof Uint8Array && result.buffer instanceof ArrayBuffer ? [result.buffer] : [];
      port.postMessage({ type: "result", id, result }, moved);
    } catch (error) {
      const message = onFailure(error);
      if (message !== undefined) port.postMessage({ type: "error", id, message }, []);
    }
  }

  port.on("message", (message) => {
    if (message.type === "call") {
      void answer(message.id, message.name, message.argument);
      return;
    }
    const caller = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === "result") caller?.resolve(message.result);
    else caller?.reject(new PeerError(message.message));
  });

  return {
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure.error);
          return;
        }
        waiting.set(++lastId, { resolve, reject });
        port.postMessage({ type: "call", id: lastId, name, argument }, []);
      }),
    fail(error) {
      failure ??= { error };
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}
