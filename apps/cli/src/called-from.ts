let folder = process.cwd();

/** Remembers the working directory, which a command changes to the project folder. */
export function rememberFolder(): void {
  folder = process.cwd();
}

/** Returns the folder where the command was run. */
export function calledFrom(): string {
  return folder;
}
