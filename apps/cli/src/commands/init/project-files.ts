import { definitionsText } from "./definitions-text.js";
import { packageText } from "./package-text.js";
import type { ProjectChoice, ProjectFiles } from "./project.js";
import { readmeText } from "./readme-text.js";

/** Returns all files of a new project. */
export function projectFiles(choice: ProjectChoice): ProjectFiles {
  return {
    "package.json": packageText(choice),
    "tsconfig.json": `${JSON.stringify(tsconfig, undefined, 2)}\n`,
    ".gitignore": "node_modules/\n",
    "README.md": readmeText(choice),
    "src/definitions.ts": definitionsText(choice),
    ...choice.data.files,
  };
}

const tsconfig = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ["src"],
};
