import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The columns of the generated features: of kinds that a name alone describes, or lists, vectors, structs, and JSON too. */
export const columnSets = ["scalar", "nested"] as const;

/** How the generated project calls `getTrainingData`: not at all, or with all features as names, objects, or selections with keys and a prefix. */
export const typesCalls = ["none", "names", "objects", "selections", "mixed"] as const;

export interface TypesProject {
  readonly features: number;
  readonly columns: (typeof columnSets)[number];
  readonly call: (typeof typesCalls)[number];
}

const columnsOfSource = 30;
const featuresOfSource = 5;

const kinds = {
  scalar: ["t.int64()", "t.string()", "t.float64()", "t.timestamp()", "t.boolean()", "t.decimal(10, 2)"],
  nested: [
    "t.list(t.string())",
    't.vector(8, "float32")',
    "t.struct({ a: t.int64(), b: t.list(t.float64()) })",
    "t.json()",
    "t.int64()",
    "t.string()",
  ],
} as const;

/** Writes a project of so many features of 30 columns each, five on each source, with a `tsconfig.json` that emits nothing. */
export function writeTypesProject(folder: string, project: TypesProject): void {
  const sources = Math.ceil(project.features / featuresOfSource);
  const numbers = Array.from({ length: project.features }, (_, index) => index);
  mkdirSync(folder, { recursive: true });
  const file = (name: string, lines: readonly string[]): void => writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  file("tsconfig.json", [
    JSON.stringify({
      extends: fileURLToPath(new URL("../../tsconfig.base.json", import.meta.url)),
      compilerOptions: {
        ...{ composite: false, declaration: false, declarationMap: false, incremental: false },
        ...{ isolatedDeclarations: false, noEmit: true, types: ["node"] },
      },
      include: ["*.ts"],
    }),
  ]);
  file("sources.ts", [
    'import { source, t } from "@mlforge/core";',
    ...Array.from({ length: sources }, (_, index) => sourceText(index, project.columns)),
  ]);
  file("features.ts", [
    'import { feature } from "@mlforge/core";',
    'import * as sources from "./sources.js";',
    ...numbers.map((index) => featureText(index)),
  ]);
  file("definitions.ts", [
    'import { Definitions } from "@mlforge/core";',
    'import { LocalStore } from "@mlforge/store-local";',
    'import * as all from "./features.js";',
    `export const defs = new Definitions({ name: "generated", features: [${numbers.map((index) => `all.f${index}`).join(", ")}], offlineStore: new LocalStore("store") });`,
  ]);
  if (project.call !== "none") file("training.ts", trainingText(project));
}

/** A key, a timestamp, and 28 values, whose names no other source has. */
function sourceText(source: number, columns: TypesProject["columns"]): string {
  const types = kinds[columns];
  const values = Array.from({ length: columnsOfSource - 2 }, (_, index) => `c${source}_${index}: ${types[index % types.length]}`);
  return `export const s${source} = source({ path: "s${source}.parquet", timestamp: "at", columns: { id: t.int64({ nullable: false }), at: t.timestamp({ nullable: false }), ${values.join(", ")} } });`;
}

/** Every feature filters, so that its columns come from a transform. */
function featureText(index: number): string {
  const source = Math.floor(index / featuresOfSource);
  return `export const f${index} = feature({ name: "f${index}", source: sources.s${source}, keys: ["id"], transform: (rows) => rows.filter(({ id }) => id.gt(${index})) });`;
}

function trainingText({ features, columns, call }: TypesProject): readonly string[] {
  const choices = Array.from({ length: features }, (_, index) => {
    const form = call === "mixed" ? (["names", "objects", "selections"] as const)[index % 3] : call;
    if (form === "names") return `"f${index}"`;
    if (form === "objects") return `all.f${index}`;
    return `{ feature: ${index % 2 === 0 ? `"f${index}"` : `all.f${index}`}, keys: { id: "buyer" }, prefix: "p${index}_" }`;
  });
  const isPrefixed = call === "selections";
  const last = features - 1;
  const value = `${isPrefixed ? `p${last}_` : ""}c${Math.floor(last / featuresOfSource)}_`;
  return [
    'import * as all from "./features.js";',
    'import { defs } from "./definitions.js";',
    "type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;",
    "const labels: { id: number; buyer: number; at: Date; late: boolean }[] = [];",
    `const training = await defs.getTrainingData({ labels, timestamp: "at", features: [${choices.join(", ")}] });`,
    "for await (const row of training.rows()) {",
    "  const late: Same<typeof row.late, boolean> = true;",
    ...(call === "mixed"
      ? []
      : [
          `  const value: Same<typeof row.${value}${columns === "scalar" ? 0 : 4}, number | null> = true;`,
          "  // @ts-expect-error no such column, so the rows are typed",
          "  void row.missing;",
          "  void value;",
        ]),
    "  void late;",
    "}",
  ];
}
