import { describe, it } from "vitest";
import { describeFormat } from "../../src/format/index.js";
import { columnFormat } from "./column-format.js";

describeFormat({ describe, it }, "columnFormat", { open: columnFormat });
