/**
 * A Python program. `write <folder>` writes Parquet files of several shapes, each small. `count <list>` prints, for each path of a JSON list, how many rows
 * pyarrow reads from it, or null where it refuses the file.
 */
export const parquetFiles = `
import sys, json, datetime, decimal
import pyarrow as pa, pyarrow.parquet as pq

def write(folder):
    n = 200
    plain = pa.table({
        "k": pa.array([f"u{i % 17}" for i in range(n)]),
        "n": pa.array([None if i % 7 == 0 else i for i in range(n)], pa.int64()),
        "x": pa.array([i / 7 for i in range(n)], pa.float64()),
        "at": pa.array([datetime.datetime(2024, 1, 1) + datetime.timedelta(hours=i) for i in range(n)], pa.timestamp("us", tz="UTC")),
        "d": pa.array([decimal.Decimal(i) / 100 for i in range(n)], pa.decimal128(20, 2)),
        "b": pa.array([i % 3 == 0 for i in range(n)]),
    })
    nested = pa.table({
        "k": pa.array([f"u{i}" for i in range(n)]),
        "l": pa.array([None if i % 5 == 0 else [j if j % 2 else None for j in range(i % 4)] for i in range(n)], pa.list_(pa.int32())),
        "s": pa.array([{"a": i, "b": [str(i)]} for i in range(n)], pa.struct([("a", pa.int64()), ("b", pa.list_(pa.string()))])),
        "m": pa.array([[("x", i)] for i in range(n)], pa.map_(pa.string(), pa.int64())),
    })
    pq.write_table(plain, f"{folder}/plain.parquet", compression="none", use_dictionary=False)
    pq.write_table(plain, f"{folder}/snappy.parquet", compression="snappy", row_group_size=50)
    pq.write_table(plain, f"{folder}/zstd.parquet", compression="zstd", data_page_version="2.0", data_page_size=256)
    pq.write_table(plain, f"{folder}/gzip.parquet", compression="gzip", write_page_index=True)
    pq.write_table(plain.select(["k", "at"]), f"{folder}/int96.parquet", use_deprecated_int96_timestamps=True)
    pq.write_table(plain.select(["n", "x"]), f"{folder}/delta.parquet", use_dictionary=False, column_encoding={"n": "DELTA_BINARY_PACKED", "x": "BYTE_STREAM_SPLIT"})
    pq.write_table(nested, f"{folder}/nested.parquet", compression="none")

def count(list_path):
    counts = []
    for path in json.load(open(list_path)):
        try:
            counts.append(pq.ParquetFile(path).read().num_rows)
        except BaseException:
            counts.append(None)
    print(json.dumps(counts))

{"write": write, "count": count}[sys.argv[1]](sys.argv[2])
`;
