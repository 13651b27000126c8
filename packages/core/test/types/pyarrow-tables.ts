/** Writes tables of plain values as Parquet with pyarrow, or reads Parquet and prints its plain values: `write|read folder`. */
export const pyarrowTables = `
import datetime, decimal, json, math, os, sys
import pyarrow as pa, pyarrow.parquet as pq

decimal.getcontext().prec = 60
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

def arrow_type(column):
    kind = column["kind"]
    if kind == "list": return pa.list_(arrow_type(column["of"]))
    if kind == "vector": return pa.list_(pa.float32() if column["element"] == "float32" else pa.float64())
    if kind == "struct": return pa.struct([pa.field(field["name"], arrow_type(field)) for field in column["fields"]])
    if kind == "decimal": return pa.decimal128(column["precision"], column["scale"])
    return {"string": pa.string(), "boolean": pa.bool_(), "int32": pa.int32(), "int64": pa.int64(), "float32": pa.float32(), "float64": pa.float64(),
            "date": pa.date32(), "timestamp": pa.timestamp("us", tz="UTC"), "bytes": pa.binary(), "time": pa.time64("us"), "json": pa.string()}[kind]

def native(value, column):
    if value is None: return None
    kind = column["kind"]
    if kind == "list": return [native(each, column["of"]) for each in value]
    if kind == "vector": return [float(each) for each in value]
    if kind == "struct": return {field["name"]: native(each, field) for field, each in zip(column["fields"], value)}
    if kind == "decimal": return decimal.Decimal(value)
    if kind == "int64": return int(value)
    if kind in ("float32", "float64"): return float(value)
    if kind == "date": return datetime.date.fromisoformat(value)
    if kind == "timestamp": return int(value)
    if kind == "bytes": return bytes.fromhex(value)
    if kind == "time": return datetime.time.fromisoformat(value)
    return value

def array(values, column):
    kind = column["kind"]
    natives = [native(each, column) for each in values]
    if kind == "json": return pa.ExtensionArray.from_storage(pa.json_(), pa.array(natives, pa.string()))
    return pa.array(natives, arrow_type(column))

def plain_float(value):
    if math.isnan(value): return "NaN"
    if math.isinf(value): return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value

def plain(value, column):
    if value is None: return None
    kind = column["kind"]
    if kind == "list": return [plain(each, column["of"]) for each in value]
    if kind == "vector": return [plain_float(each) for each in value]
    if kind == "struct": return [plain(value[field["name"]], field) for field in column["fields"]]
    if kind == "decimal": return format(value, "f")
    if kind == "int64": return str(value)
    if kind in ("float32", "float64"): return plain_float(value)
    if kind == "date": return value.isoformat()
    if kind == "timestamp": return str(((value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)) - EPOCH) // datetime.timedelta(microseconds=1))
    if kind == "bytes": return value.hex()
    if kind == "time": return value.isoformat(timespec="microseconds")
    return value

mode, folder = sys.argv[1:3]
with open(os.path.join(folder, "tables.json"), encoding="utf-8") as file: tables = json.load(file)
if mode == "write":
    for index, table in enumerate(tables):
        columns = table["columns"]
        arrays = [array([row[cell] for row in table["rows"]], column) for cell, column in enumerate(columns)]
        schema = pa.schema([pa.field(column["name"], each.type) for column, each in zip(columns, arrays)])
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), os.path.join(folder, f"{index}.parquet"), row_group_size=5)
else:
    found = []
    for index, table in enumerate(tables):
        read = pq.read_table(os.path.join(folder, f"{index}-built.parquet"))
        columns = [[plain(value, column) for value in read.column(column["name"]).to_pylist()] for column in table["columns"]]
        found.append([list(row) for row in zip(*columns)])
    print(json.dumps(found))
`;
