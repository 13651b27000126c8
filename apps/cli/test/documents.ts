export * from "./documents/commands.js";
export { parseDocument } from "./documents/parse-document.js";
