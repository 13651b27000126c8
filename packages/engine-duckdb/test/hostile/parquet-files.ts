/**
 * A Python program. `write <folder>` writes Parquet files of several shapes, each small. `compare <list>` prints, for each path of a JSON list: null if pyarrow
 * refuses the file, or else whether `<path>.read`, a file of the rows that the engine read, has the same number of rows and the same values.
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
    bytes = pa.table({"k": pa.array([f"u{i % 17}".encode() for i in range(n)], pa.binary()), "n": plain["n"]})
    pq.write_table(plain, f"{folder}/plain.parquet", compression="none", use_dictionary=False)
    pq.write_table(plain, f"{folder}/dictionary.parquet", compression="none", write_statistics=False)
    pq.write_table(plain, f"{folder}/snappy.parquet", compression="snappy", row_group_size=50)
    pq.write_table(plain, f"{folder}/lz4.parquet", compression="lz4")
    pq.write_table(plain, f"{folder}/brotli.parquet", compression="brotli")
    pq.write_table(plain, f"{folder}/zstd.parquet", compression="zstd", data_page_version="2.0", data_page_size=256)
    pq.write_table(plain, f"{folder}/gzip.parquet", compression="gzip", write_page_index=True)
    pq.write_table(plain.select(["k", "at"]), f"{folder}/int96.parquet", use_deprecated_int96_timestamps=True)
    pq.write_table(plain.select(["n", "x"]), f"{folder}/delta.parquet", use_dictionary=False, column_encoding={"n": "DELTA_BINARY_PACKED", "x": "BYTE_STREAM_SPLIT"})
    pq.write_table(nested, f"{folder}/nested.parquet", compression="none")
    pq.write_table(bytes, f"{folder}/bloom.parquet", row_group_size=50, bloom_filter_options={"k": {"ndv": 32}, "n": {"ndv": 64}})

def values(path, names=None):
    table = pq.ParquetFile(path, coerce_int96_timestamp_unit="us").read()
    # INT96 has no time zone.
    table = table.cast(pa.schema([pa.field(f.name, pa.timestamp("us")) if pa.types.is_timestamp(f.type) else f for f in table.schema]))
    # The text of NaN is equal to itself. pyarrow gives maps as lists of pairs, and the engine writes lists of objects.
    plain = lambda value: list(value.values()) if isinstance(value, dict) else [plain(each) for each in value] if isinstance(value, (list, tuple)) else value
    columns = {name: repr([plain(value) for value in table[name].to_pylist()]) for name in (names or table.column_names)}
    return table.num_rows, columns

def compare(list_path):
    found = []
    for path in json.load(open(list_path)):
        try:
            other = values(path)
        except BaseException:
            found.append(None)
            continue
        rows, columns = values(f"{path}.read")
        # A column that no kind holds is not read; the engine reports it.
        wrong = [name for name in columns if other[1].get(name) != columns[name]]
        found.append({"rows": other[0], "isEqual": rows == other[0] and not wrong, "wrong": wrong})
    print(json.dumps(found))

{"write": write, "compare": compare}[sys.argv[1]](sys.argv[2])
`;
