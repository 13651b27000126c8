import type { Format } from "@mlforge/spec";

/** Decodes nothing, so that reading through it is the fetching alone. */
export const noFormat: Format = {
  specVersion: 1,
  name: "parquet",
  version: "0",
  describe: async () => ({ columns: [], unsupported: [] }),
  async *decode() {},
  async *encode() {},
};
