const tails = new Map<string, Promise<unknown>>();

/** Runs the calls for one key in this process one after another, in order. */
export async function inTurn<T>(key: string, call: () => Promise<T>): Promise<T> {
  const before = tails.get(key);
  const turn = before === undefined ? call() : before.then(call, call);
  tails.set(key, turn);
  try {
    return await turn;
  } finally {
    if (tails.get(key) === turn) tails.delete(key);
  }
}
