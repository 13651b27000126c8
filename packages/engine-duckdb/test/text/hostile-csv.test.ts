import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMlforgeError } from "@mlforge/spec";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TextFolder } from "./text-scan.js";

let folder: TextFolder;
beforeAll(async () => {
  folder = await TextFolder.open();
});
afterAll(async () => folder[Symbol.asyncDispose]());

/** What Python's csv module makes of every file of a folder: its rows, or null where it refuses the file. */
const program = `
import csv, json, os, sys
found = {}
for name in os.listdir(sys.argv[1]):
    try:
        with open(os.path.join(sys.argv[1], name), newline="", encoding="utf-8-sig") as file:
            found[name] = list(csv.reader(file, strict=True))
    except csv.Error:
        found[name] = None
print(json.dumps(found))
`;

/** Lines of few characters, most of which mean something. */
const texts = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.string({
    unit: fc.constantFrom("a", "a", "b", ",", ",", '"', '""', " ", "\n", "\n", "\r\n", "\r", "#", ";", "\\", "\u00e9", "\ufeff", "\0"),
    maxLength: 14,
  }),
  fc.constantFrom("\n", "\n", "\r\n"),
);

describeWith("tables", "a CSV file of any text", () => {
  it("is read as Python's csv module reads it, or refused", async () => {
    const files = fc.sample(texts, 1_500).map(([width, body, end], index) => {
      const names = Array.from({ length: width }, (_, cell) => `c${cell}`);
      return { name: `${index}.csv`, names, text: `${names.join(",")}${end}${end === "\n" ? body : body.replace(/\r?\n/g, end)}` };
    });
    for (const { name, text } of files) await writeFile(join(folder.path, name), text);
    const python: Readonly<Record<string, readonly (readonly string[])[] | null>> = JSON.parse(runPython(program, [folder.path]));
    let read = 0;
    for (const { name, names, text } of files) {
      const rows = await folder.texts({ kind: "csv" }, join(folder.path, name), names).catch((error: unknown) => {
        if (!isMlforgeError(error, "SOURCE_UNREADABLE") || error.message.split("\n").length !== 3) throw error;
        return undefined;
      });
      if (rows === undefined) continue;
      read++;
      // Python does not tell the missing value from the empty one, and gives no cell for an empty line.
      const expected = python[name]?.slice(1).filter((row) => row.length > 0 || names.length === 1);
      expect([text, rows.map((row) => row.map((value) => value ?? ""))]).toEqual([
        text,
        expected?.map((row) => (row.length === 0 ? [""] : row)),
      ]);
    }
    expect(read).toBeGreaterThan(150);
  });

  it("of 50 MB with line breaks in its values is read record for record, in parallel", async () => {
    const path = join(folder.path, "large.csv");
    const digest = runPython(
      `
import csv, hashlib, random, sys
random.seed(7)
kinds = ["plain", "", "with, comma", 'q"uote', "multi\\nline", "cr\\r\\nlf" + "x" * 190, '"', "\\n\\n", " pad ", ',\\n,"\\n']
digest = hashlib.sha256()
with open(sys.argv[1], "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\\r\\n")
    writer.writerow(["k", "s"])
    for i in range(900_000):
        text = random.choice(kinds)
        text += "y" * (i % 50) if text else ""
        writer.writerow([i, text])
        digest.update(f"{i}|{text}|".encode())
print(digest.hexdigest(), end="")
`,
      [path],
    );
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256");
    const columns = ["k", "s"].map((name) => ({ name, kind: "string", nullable: true }) as const);
    for await (const batch of folder.engine.run(folder.scan({ kind: "csv" }, path, columns))) {
      const [keys, values] = [batch.getChildAt(0), batch.getChildAt(1)];
      for (let row = 0; row < batch.numRows; row++) hash.update(`${keys?.get(row)}|${values?.get(row) ?? ""}|`);
    }
    expect(hash.digest("hex")).toBe(digest);
  });
});
