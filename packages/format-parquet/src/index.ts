export { ParquetFormat } from "./parquet-format.js";
