import { resolve } from "node:path";
import { confirm, isCancel, multiselect, select, text } from "@clack/prompts";
import { escapeControls } from "@mlforge/spec";
import { chooseTimestamp, declarableColumns, guessKey, keyCandidates, timestampCandidates } from "./parquet-data.js";
import { nameProblem } from "./project-name.js";
import type { InitFlags } from "./run.js";
import { bucketProblem, type StoreKind } from "./store-choice.js";

/** The answers to all questions. Undefined if the user cancelled. */
export type Answers = (InitFlags & { readonly name: string }) | undefined;

/** Thrown when the user cancels a question. */
const cancelled = Symbol("cancelled");

/** Asks on the terminal for the choices of a new project. */
export async function askForProject(name: string | undefined, signal: AbortSignal): Promise<Answers> {
  try {
    return await ask(name, signal);
  } catch (error) {
    if (error === cancelled) return undefined;
    throw error;
  }
}

async function ask(given: string | undefined, signal: AbortSignal): Promise<Answers> {
  const common = { signal, output: process.stderr };
  const name =
    given ??
    (await answer(text({ ...common, message: "Project name", placeholder: "my-features", validate: (value) => nameProblem(value ?? "") })));
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
  const from = await answer(
    text({
      ...common,
      message: "Parquet file to start from (leave empty for sample data)",
      defaultValue: "",
      validate: (value) => (value?.includes("://") === true ? "use a file on this machine" : undefined),
    }),
  );
  const aboutFile = from === "" ? {} : await askAboutFile(from, signal);
  const install = await answer(confirm({ ...common, message: "Install dependencies?" }));
  return { name, store, bucket: bucket === "" ? undefined : bucket, from: from === "" ? undefined : from, install, ...aboutFile };
}

async function askAboutFile(from: string, signal: AbortSignal): Promise<Pick<InitFlags, "keys" | "timestamp">> {
  const common = { signal, output: process.stderr };
  const found = await declarableColumns(resolve(from), signal);
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

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await question;
  if (isAnswer(given)) return given;
  throw cancelled;
}

function isAnswer<T>(given: T): given is Exclude<T, symbol> {
  return !isCancel(given);
}
