import { deepEqual, equal } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Format, RandomAccessFile, Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { endsWithin } from "../../ends-within.js";
import { rejectsWith } from "../../store/conformance/expect.js";
import { batchOf } from "../batch-of.js";
import { collect } from "../memory-file.js";
import { plainRows } from "../plain-value.js";
import type { FormatLaw } from "../runner.js";
import { scrambled, write } from "./tables.js";

const columns: Schema = [{ name: "n", kind: "int32", nullable: false }];
const rows = Array.from({ length: 10 }, (_, row) => [row]);

/** The maximum duration of an abort, in milliseconds. */
const patience = 10_000;

/** Many batches, more than any call takes that is aborted or broken out of. */
class ManyBatches {
  opened = false;
  closed = false;

  async *batches(): AsyncGenerator<RecordBatch> {
    this.opened = true;
    try {
      for (let part = 0; part < 100; part++) {
        await setImmediate(); // Lets the signal and the consumer run.
        yield batchOf(
          columns,
          Array.from({ length: 5_000 }, (_, row) => [scrambled(5_000 * part + row)]),
        );
      }
    } finally {
      this.closed = true;
    }
  }
}

/** A file whose bytes never arrive. `onRead` is called with each request. */
function stuckFile(size: number, onRead: () => void): RandomAccessFile {
  return {
    name: "stuck",
    size,
    read: () => {
      onRead();
      return new Promise(() => {});
    },
  };
}

export function abortLaws(law: FormatLaw): void {
  law("every call with an aborted signal rejects with the signal's reason, and reads nothing", async (format) => {
    const file = await write(format, columns, rows);
    const before = file.bytesRead;
    const reason = { why: "any value is a reason" };
    const signal = AbortSignal.abort(reason);
    let pulled = false;
    async function* batches(): AsyncGenerator<RecordBatch> {
      pulled = true;
      yield batchOf(columns, rows);
    }
    await rejectsWith(format.describe(file, { signal }), reason);
    await rejectsWith(collect(format.decode(file, { signal })), reason);
    await rejectsWith(collect(format.encode(batches(), columns, { signal })), reason);
    deepEqual({ bytesRead: file.bytesRead, pulled }, { bytesRead: before, pulled: false });
  });

  law("an abort rejects a call that waits for bytes at once, with the signal's reason", async (format) => {
    const { size } = await write(format, columns, rows);
    const reason = new Error("enough");
    const calls = [format.describe.bind(format), (...call: Parameters<Format["decode"]>) => collect(format.decode(...call))];
    for (const call of calls) {
      const controller = new AbortController();
      const file = stuckFile(size, () => controller.abort(reason));
      await rejectsWith(endsWithin<unknown>(patience, call(file, { signal: controller.signal })), reason);
    }
  });

  law("an abort between two batches rejects the decode with the signal's reason", async (format) => {
    const file = await write(format, columns, rows);
    const controller = new AbortController();
    const reason = new Error("enough");
    let read = 0;
    const readAndAbort = async (): Promise<void> => {
      for await (const { numRows } of format.decode(file, { batchRows: 1, signal: controller.signal })) {
        read += numRows;
        controller.abort(reason);
      }
    };
    await rejectsWith(endsWithin(patience, readAndAbort()), reason);
    equal(read, 1);
  });

  law("an abort between two pieces rejects the encode with the signal's reason, and closes the batches", async (format) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const many = new ManyBatches();
    const writeAndAbort = async (): Promise<void> => {
      for await (const _ of format.encode(many.batches(), columns, { signal: controller.signal }))
        if (many.opened) controller.abort(reason);
    };
    await rejectsWith(endsWithin(patience, writeAndAbort()), reason);
    await closesSoon(many);
  });

  law("an abort rejects an encode that waits for a batch at once, with the signal's reason", async (format) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    async function* stuck(): AsyncGenerator<RecordBatch> {
      yield batchOf(columns, rows);
      controller.abort(reason);
      await new Promise(() => {});
    }
    await rejectsWith(endsWithin(patience, collect(format.encode(stuck(), columns, { signal: controller.signal }))), reason);
  });

  law("an abort after a call ended changes nothing", async (format) => {
    const controller = new AbortController();
    const { signal } = controller;
    const file = await write(format, columns, rows);
    await format.describe(file, { signal });
    await collect(format.decode(file, { signal }));
    controller.abort(new Error("too late"));
    deepEqual(plainRows(await collect(format.decode(file))), rows);
  });

  law("breaking out of an encode closes the batches", async (format) => {
    const many = new ManyBatches();
    for await (const _ of format.encode(many.batches(), columns)) if (many.opened) break;
    await closesSoon(many);
  });

  law("a call that was broken out of, aborted or failed leaves the format usable", async (format) => {
    const file = await write(format, columns, rows);
    const failing = { ...stuckFile(file.size, () => {}), read: () => Promise.reject(new Error("the disk is gone")) };
    const controller = new AbortController();
    for (let call = 0; call < 10; call++) for await (const _ of format.decode(file, { batchRows: 1 })) break;
    for await (const _ of format.encode(new ManyBatches().batches(), columns)) break;
    await collect(format.decode(failing)).catch(() => {});
    await endsWithin(
      patience,
      collect(
        format.decode(
          stuckFile(file.size, () => controller.abort()),
          { signal: controller.signal },
        ),
      ),
    ).catch(() => {});
    deepEqual(plainRows(await collect(format.decode(await write(format, columns, rows)))), rows);
  });

  law("calls at the same time do not disturb each other", async (format) => {
    const tables = Array.from({ length: 6 }, (_, table) => Array.from({ length: 50 }, (_row, row) => [scrambled(row, table)]));
    const controller = new AbortController();
    const aborted = endsWithin(
      patience,
      collect(
        format.decode(
          stuckFile(1_000, () => controller.abort()),
          { signal: controller.signal },
        ),
      ),
    ).catch(() => {});
    const read = tables.map(async (table, call) => {
      const file = await write(format, columns, table, [7]);
      return plainRows(await collect(format.decode(file, { batchRows: 1 + call })));
    });
    deepEqual(await Promise.all(read), tables);
    await aborted;
  });
}

/** A call that awaits a batch when it is aborted closes the batches once that one has arrived. */
async function closesSoon(many: ManyBatches): Promise<void> {
  for (let turn = 0; !many.closed && turn < 1_000; turn++) await setImmediate();
  equal(many.closed, true, "the batches are still open");
}
