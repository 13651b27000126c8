import { ParquetFormat } from "@mlforge/format-parquet";
import { describeFormat } from "@mlforge/testkit/format";
import { describe, it } from "vitest";

describeFormat({ describe, it }, "ParquetFormat", { open: () => new ParquetFormat() });
