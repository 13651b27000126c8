import { expect, it } from "vitest";
import { segmentsOf } from "../src/file-name.js";

it.each(["a:b", "a?", "a*b", 'a"b', "a<b", "a>b", "a|b", "a\nb", "a./b", "a /b", "con", "a/NUL.txt", "com1", "Lpt9.json/a"])(
  "%j is a key of a file, but not on Windows",
  (key) => {
    expect(segmentsOf(key, "linux")).toEqual(key.split("/"));
    expect(() => segmentsOf(key, "win32")).toThrow(expect.objectContaining({ code: "STORE_KEY_INVALID" }));
  },
);

it.each(["a", ".meta.json", "1.0.0/data.parquet", "console", "com", "a b", "é", "date=2020-01-01"])(
  "%j is a key of a file everywhere",
  (key) => {
    expect(segmentsOf(key, "win32")).toEqual(key.split("/"));
  },
);
