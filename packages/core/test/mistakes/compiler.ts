import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = dirname(fileURLToPath(import.meta.url));
export const root = join(folder, "../../../..");

/** The options that the tests of this workspace are compiled with. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, include: [], files: ["none.ts"] }, ts.sys, root).options;
}

/** The path of a file that exists only for the compiler, beside this one, so that it can import `@mlforge/core`. */
function virtualPath(name: string): string {
  return join(folder, name);
}

/** What the compiler says about each of these modules. All are one program, so that the library is compiled once. */
export function messagesOf(modules: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const texts = new Map([...modules].map(([name, text]) => [virtualPath(name), text]));
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists.call(host, path);
  host.readFile = (path) => texts.get(path) ?? readFile.call(host, path);
  const program = ts.createProgram([...texts.keys()], options, host);
  return new Map(
    [...modules.keys()].map((name) => {
      const file = program.getSourceFile(virtualPath(name));
      if (file === undefined) throw new TypeError(`${name} was not parsed`);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
    }),
  );
}

/** An editor of one module. */
export interface Editor extends Disposable {
  /** The names that it offers where the text has `|`. */
  completionsAt(text: string): readonly string[];
}

/** Opens an editor that keeps the parsed library from one text to the next. */
export function openEditor(): Editor {
  const path = virtualPath("completed.ts");
  const options = compilerOptions();
  let content = "";
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [path],
    getScriptVersion: (name) => (name === path ? String(version) : "0"),
    getScriptSnapshot: (name) => {
      const found = name === path ? content : ts.sys.readFile(name);
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === path || ts.sys.fileExists(name),
    readFile: (name) => (name === path ? content : ts.sys.readFile(name)),
  });
  return {
    completionsAt: (text) => {
      const cursor = text.indexOf("|");
      content = text.slice(0, cursor) + text.slice(cursor + 1);
      version++;
      return (service.getCompletionsAtPosition(path, cursor, {})?.entries ?? []).map(({ name }) => name).sort();
    },
    [Symbol.dispose]: () => service.dispose(),
  };
}
