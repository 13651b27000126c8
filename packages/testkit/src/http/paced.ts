import { Transform } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

/** Creates a stream that passes this many bytes per second. */
export function paced(bytesPerSecond: number): Transform {
  const piece = Math.max(1, Math.ceil(bytesPerSecond / 50));
  async function* pieces(chunk: Buffer): AsyncGenerator<Buffer> {
    for (let start = 0; start < chunk.length; start += piece) {
      const part = chunk.subarray(start, start + piece);
      await pause((part.length / bytesPerSecond) * 1000);
      yield part;
    }
  }
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      try {
        for await (const part of pieces(chunk)) this.push(part);
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
}
