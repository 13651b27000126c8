"""Writes random tables by every writer under random options, and prints what pyarrow reads back from each.

Arguments: a folder, a seed, the number of files. Every value is printed as text that is exact.
"""

import datetime as dt
import decimal
import json
import random
import sys
import uuid

import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

folder, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
epoch = dt.datetime(1970, 1, 1)


def integers(low, high):
    return lambda: rng.choice([low, high, 0, rng.randint(low, high), rng.randint(max(low, -9), min(high, 9))])


def text():
    return "".join(rng.choice(["a", "Z", " ", "é", "漢", "😀", "\n", '"', "'", "\0", ",", "\ufeff"]) for _ in range(rng.choice([0, 1, 3, 40])))


def floats(largest):
    return lambda: rng.choice([0.0, -0.0, 1.5, -2.25, float("nan"), float("inf"), float("-inf"), largest, -largest, rng.uniform(-10, 10)])


def decimals(precision, scale):
    return lambda: decimal.Decimal(rng.choice([0, 10**precision - 1, 1 - 10**precision, rng.randint(-(10**precision) + 1, 10**precision - 1)])).scaleb(-scale, decimal.Context(80))


def moments(unit):
    # Nanoseconds in 64 bits reach from 1677 to 2262.
    low, high = (-9_000_000_000_000_000, 9_000_000_000_000_000) if unit == "ns" else (-62_135_596_800_000_000, 253_402_300_799_999_999)
    step = {"s": 1_000_000, "ms": 1000}.get(unit, 1)
    factor = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}[unit]

    def moment():
        micros = rng.choice([0, -step, step, rng.randint(low, high), rng.randint(1_500_000_000_000_000, 1_800_000_000_000_000)])
        return micros // step * step * factor // 1_000_000

    return moment


def bytes_of(size=None):
    return lambda: bytes(rng.choice([0, 0x7F, 0x80, 0xFF, rng.randrange(256)]) for _ in range(rng.choice([0, 1, 5, 30]) if size is None else size))


def types():
    precision = rng.randint(1, 38)
    scale = rng.randint(0, precision)
    unit = rng.choice(["s", "ms", "us", "ns"])
    zone = rng.choice([None, "UTC", "America/New_York", "+05:30"])
    width = rng.choice([8, 16, 32, 64])
    return rng.choice(
        [
            (pa.bool_(), lambda: rng.random() < 0.5),
            (getattr(pa, f"int{width}")(), integers(-(2 ** (width - 1)), 2 ** (width - 1) - 1)),
            (getattr(pa, f"uint{width}")(), integers(0, 2**width - 1)),
            (pa.float16(), lambda: np.float16(floats(65504.0)())),
            (pa.float32(), floats(3.4028234663852886e38)),
            (pa.float64(), floats(sys.float_info.max)),
            (pa.decimal128(precision, scale), decimals(precision, scale)),
            (pa.decimal256(precision, scale), decimals(precision, scale)),
            (pa.date32(), integers(-719162, 2932896)),
            (pa.date64(), lambda: integers(-719162, 2932896)() * 86_400_000),
            (pa.timestamp(unit, zone), moments(unit)),
            (rng.choice([pa.string(), pa.large_string(), pa.string_view()]), text),
            (rng.choice([pa.binary(), pa.large_binary(), pa.binary_view()]), bytes_of()),
            (pa.binary(7), bytes_of(7)),
            (pa.dictionary(rng.choice([pa.int8(), pa.int32()]), pa.string()), lambda: rng.choice(["a", "b", "é"])),
            (pa.uuid(), lambda: uuid.UUID(int=rng.getrandbits(128)).bytes),
            (pa.null(), lambda: None),
        ]
    )


def column(rows):
    type, make = types()
    pool = [make() for _ in range(rng.choice([1, 3, rows + 1]))]
    values = [None if rng.random() < 0.2 else rng.choice(pool) for _ in range(rows)]
    if isinstance(type, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(type, pa.array(values, type.storage_type))
    return pa.array(values, type)


# DuckDB 1.5 refuses BYTE_STREAM_SPLIT for all but floats.
encodings = {
    "INT32": ["PLAIN", "DELTA_BINARY_PACKED"],
    "INT64": ["PLAIN", "DELTA_BINARY_PACKED"],
    "FLOAT": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "DOUBLE": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "BYTE_ARRAY": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "FIXED_LEN_BYTE_ARRAY": ["PLAIN", "DELTA_BYTE_ARRAY"],
    "BOOLEAN": ["PLAIN", "RLE"],
    "INT96": ["PLAIN"],
}


def by_pyarrow(path, table):
    options = {
        "compression": rng.choice(["none", "snappy", "gzip", "brotli", "lz4", "zstd"]),
        "version": rng.choice(["1.0", "2.4", "2.6"]),
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "row_group_size": rng.choice([1, 7, 1000]),
        "data_page_size": rng.choice([16, 1024 * 1024]),
        "write_batch_size": rng.choice([1, 1024]),
        "write_statistics": rng.random() < 0.8,
        "store_schema": rng.random() < 0.7,
        "write_page_index": rng.random() < 0.3,
        "write_page_checksum": rng.random() < 0.3,
        "store_decimal_as_integer": rng.random() < 0.5,
        "use_deprecated_int96_timestamps": rng.random() < 0.2,
        "use_dictionary": rng.random() < 0.5,
    }
    if rng.random() < 0.5:
        options["bloom_filter_options"] = {name: {"ndv": 100, "fpp": 0.01} for name in table.column_names if table[name].type != pa.bool_()}
    if not options["use_dictionary"]:
        # What each column is stored as follows from the options themselves, so that a file is written to learn it.
        pq.write_table(table, path, **options)
        schema = pq.ParquetFile(path).schema
        physical = [schema.column(index).physical_type for index in range(len(schema))]
        options["column_encoding"] = {name: rng.choice(encodings[kind]) for name, kind in zip(table.column_names, physical)}
    pq.write_table(table, path, **options)
    return options


def by_pandas(path, table):
    options = {"compression": rng.choice([None, "snappy", "gzip", "brotli", "zstd"]), "row_group_size": rng.choice([1, 50])}
    mapper = rng.choice([None, pd.ArrowDtype])
    table.to_pandas(types_mapper=mapper, timestamp_as_object=False).to_parquet(path, **options)
    return {**options, "arrow": mapper is not None}


def by_polars(path, table):
    options = {
        "compression": rng.choice(["uncompressed", "snappy", "gzip", "brotli", "lz4", "zstd"]),
        "statistics": rng.random() < 0.7,
        "row_group_size": rng.choice([1, 50]),
        "use_pyarrow": False,
    }
    pl.from_arrow(table).write_parquet(path, **options)
    return options


def by_fastparquet(path, table):
    options = {
        "compression": rng.choice([None, "SNAPPY", "GZIP", "BROTLI", "LZ4_RAW", "ZSTD"]),
        "times": rng.choice(["int64", "int96"]),
        "row_group_offsets": rng.choice([5, 50]),
        "stats": rng.random() < 0.7,
    }
    fastparquet.write(path, table.to_pandas(), **options)
    return options


def exact(value, type):
    if value is None:
        return None
    if pa.types.is_timestamp(type):
        nanos = value * {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[type.unit]
        return str(nanos // 1000) if nanos % 1000 == 0 else f"{nanos}ns"
    if pa.types.is_date(type):
        return str(value // (86_400_000 if type == pa.date64() else 1))
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def read_back(path):
    # INT96 reaches further than nanoseconds in 64 bits.
    table = pq.read_table(path, coerce_int96_timestamp_unit="us")
    columns = {}
    for field in table.schema:
        column, type = table[field.name], field.type
        if pa.types.is_dictionary(type):
            column, type = column.cast(type.value_type), type.value_type
        if pa.types.is_timestamp(type):
            values = column.cast(pa.int64()).to_pylist()
        elif pa.types.is_date(type):
            values = column.cast(pa.int32() if type == pa.date32() else pa.int64()).to_pylist()
        else:
            values = column.to_pylist()
        columns[field.name] = {"type": str(type), "values": [exact(value, type) for value in values]}
    return {"rows": table.num_rows, "columns": columns}


made = []
while len(made) < count:
    rows = rng.choice([0, 1, 20, 60])
    table = pa.table({f"c{index}": column(rows) for index in range(rng.randint(1, 6))})
    writer = rng.choice([by_pyarrow, by_pyarrow, by_pandas, by_polars, by_fastparquet])
    path = f"{folder}/{len(made)}.parquet"
    try:
        options = writer(path, table)
        read = read_back(path)
    except (Exception, pl.exceptions.PanicException):
        # Not every writer has every type.
        continue
    made.append({"path": path, "writer": writer.__name__, "options": options, **read})
print(json.dumps(made, default=str))
