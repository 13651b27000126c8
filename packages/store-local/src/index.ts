export { LocalStore, type LocalStoreOptions } from "./local-store.js";
