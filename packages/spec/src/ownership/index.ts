/** Folders and files that one process owns, in places that other processes can see. Not for browsers. */
export { makeFolders } from "./make-folders.js";
export {
  createOwnedFolder,
  type Leftover,
  type LeftoverOptions,
  leftoversIn,
  newOwnedPath,
  type OwnedFolder,
  removeLeftover,
  removeLeftovers,
} from "./owned-folder.js";
export { type Liveness, livenessOf, newOwnerName, ownerName } from "./owner.js";
