export { arrowTypeOf } from "./arrow-type.js";
export { batchOf } from "./batch-of.js";
export { describeFormat } from "./describe-format.js";
export { bytesOf, collect, fileOf, MemoryFile } from "./memory-file.js";
export { type PlainValue, plainColumn, plainRows } from "./plain-value.js";
export { type RandomRows, randomRows, randomSizes } from "./random-rows.js";
export type { FormatTestContext, Runner } from "./runner.js";
