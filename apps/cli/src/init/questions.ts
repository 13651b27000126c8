import { resolve } from "node:path";
import { confirm, isCancel, multiselect, select, text } from "@clack/prompts";
import type { InitFlags } from "../commands/init.js";
import { escapeControls } from "../table.js";
import { chooseTimestamp, declarableColumns, guessKey, keyCandidates, timestampCandidates } from "./parquet-data.js";
import { nameProblem } from "./project-name.js";
import { bucketProblem, type StoreKind } from "./store-choice.js";

/** What was answered; undefined where the questions were cancelled. */
export type Answers = (InitFlags & { readonly name: string }) | undefined;

/** Thrown through the questions when one of them is cancelled. */
const cancelled = Symbol("cancelled");

/** Asks on the terminal what a project is to be. */
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
    (await answer(
      text({ ...common, message: "Name of the project", placeholder: "my-features", validate: (value) => nameProblem(value ?? "") }),
    ));
  const store = await answer(
    select<StoreKind>({
      ...common,
      message: "Where are built features kept?",
      options: [
        { value: "local", label: "in a folder" },
        { value: "s3", label: "in S3 in production, in a folder in development" },
      ],
    }),
  );
  const bucket =
    store === "local"
      ? undefined
      : await answer(
          text({
            ...common,
            message: "Which bucket? Empty for a variable of the environment",
            defaultValue: "",
            validate: (value) => (value === undefined || value === "" ? undefined : bucketProblem(value)),
          }),
        );
  const from = await answer(
    text({
      ...common,
      message: "A Parquet file to begin with? Empty for a small sample",
      defaultValue: "",
      validate: (value) => (value?.includes("://") === true ? "a file of this machine" : undefined),
    }),
  );
  const aboutFile = from === "" ? {} : await askAboutFile(from, signal);
  const install = await answer(confirm({ ...common, message: "Install what the project needs?" }));
  return { name, store, bucket: bucket === "" ? undefined : bucket, from: from === "" ? undefined : from, install, ...aboutFile };
}

async function askAboutFile(from: string, signal: AbortSignal): Promise<Pick<InitFlags, "keys" | "timestamp">> {
  const common = { signal, output: process.stderr };
  const found = await declarableColumns(resolve(from), signal);
  const guess = guessKey(found);
  const keys = await answer(
    multiselect({
      ...common,
      message: "Which columns are features about?",
      options: keyCandidates(found).map(({ name, kind }) => ({ value: name, label: escapeControls(name), hint: kind })),
      initialValues: guess === undefined ? [] : [guess],
    }),
  );
  const candidates = timestampCandidates(found);
  if (candidates.length < 2) return { keys, timestamp: chooseTimestamp(undefined, found) };
  const none = { value: "", label: "none of them" };
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
