import { resolve } from "node:path";
import { confirm, isCancel, log, multiselect, select, text } from "@clack/prompts";
import { escapeControls, isMlforgeError } from "@mlforge/spec";
import type { EngineLoader } from "../../engine-loader.js";
import { declarableColumns, type FileColumns } from "./file-columns.js";
import { chooseTimestamp, guessKey, keyCandidates, timestampCandidates } from "./file-data.js";
import { nameProblem } from "./project-name.js";
import type { InitFlags } from "./run.js";
import { bucketProblem, type StoreKind } from "./store-choice.js";
import { expectFree } from "./write-project.js";

/** The answers to all questions. Undefined if the user cancelled. */
export type Answers = (InitFlags & { readonly name: string }) | undefined;

/** Thrown when the user cancels a question. */
const cancelled = Symbol("cancelled");

/** Asks on the terminal for the choices of a new project. */
export async function askForProject(name: string | undefined, loadEngine: EngineLoader, signal: AbortSignal): Promise<Answers> {
  try {
    return await ask(name, loadEngine, signal);
  } catch (error) {
    if (error === cancelled) return undefined;
    throw error;
  }
}

async function ask(given: string | undefined, loadEngine: EngineLoader, signal: AbortSignal): Promise<Answers> {
  const common = { signal, output: process.stderr };
  const name =
    given ??
    (await untilValid(
      (initialValue) =>
        text({
          ...common,
          message: "Project name",
          placeholder: "my-features",
          initialValue,
          validate: (value) => nameProblem(value ?? ""),
        }),
      async (value) => {
        await expectFree(resolve(value));
        return value;
      },
    ));
  const store = await answer(
    select<StoreKind>({
      ...common,
      message: "Where should mlforge keep features?",
      options: [
        { value: "local", label: "In a folder" },
        { value: "s3", label: "In S3 in production, in a folder in development" },
      ],
    }),
  );
  const bucket =
    store === "local"
      ? undefined
      : await answer(
          text({
            ...common,
            message: "Bucket (leave empty to use FEATURES_BUCKET)",
            defaultValue: "",
            validate: (value) => (value === undefined || value === "" ? undefined : bucketProblem(value)),
          }),
        );
  const { from, ...about } = await untilValid(
    (initialValue) =>
      text({
        ...common,
        message: "Data file to start from (leave empty for sample data)",
        defaultValue: "",
        initialValue,
        validate: (value) => (value?.includes("://") === true ? "use a file on this machine" : undefined),
      }),
    async (path) => (path === "" ? {} : { from: path, found: await declarableColumns(resolve(path), loadEngine, signal) }),
  );
  const aboutFile = about.found === undefined ? {} : await askAboutFile(about.found, signal);
  const install = await answer(confirm({ ...common, message: "Install dependencies?" }));
  return { name, store, bucket: bucket === "" ? undefined : bucket, from, install, ...aboutFile };
}

async function askAboutFile(found: FileColumns, signal: AbortSignal): Promise<Pick<InitFlags, "keys" | "timestamp">> {
  const common = { signal, output: process.stderr };
  const guess = guessKey(found);
  const keys = await answer(
    multiselect({
      ...common,
      message: "Which columns are the keys of features?",
      options: keyCandidates(found).map(({ name, kind }) => ({ value: name, label: escapeControls(name), hint: kind })),
      initialValues: guess === undefined ? [] : [guess],
    }),
  );
  const candidates = timestampCandidates(found);
  if (candidates.length < 2) return { keys, timestamp: chooseTimestamp(undefined, found) };
  const none = { value: "", label: "None of them" };
  const timestamp = await answer(
    select({
      ...common,
      message: "Which column says when a row became known?",
      options: [...candidates.map((column) => ({ value: column, label: escapeControls(column) })), none],
    }),
  );
  return { keys, timestamp: timestamp === "" ? undefined : timestamp };
}

/** Asks until the answer can be used, and starts each time with what was typed before. Other answers stay as they are. */
async function untilValid<T>(ask: (initialValue: string) => Promise<string | symbol>, use: (answer: string) => Promise<T>): Promise<T> {
  for (let typed = ""; ; ) {
    typed = await answer(ask(typed));
    try {
      return await use(typed);
    } catch (error) {
      if (!isMlforgeError(error, "USAGE_INVALID", "SOURCE_NOT_FOUND", "SOURCE_UNREADABLE", "SCHEMA_MISMATCH", "CAPABILITY_MISSING"))
        throw error;
      log.error(escapeControls(error.message), { output: process.stderr });
    }
  }
}

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await question;
  if (isAnswer(given)) return given;
  throw cancelled;
}

function isAnswer<T>(given: T): given is Exclude<T, symbol> {
  return !isCancel(given);
}
