/** Folders and files that one process owns, in places that other processes can see. Not for browsers. */
export {
  createOwnedFolder,
  type Leftover,
  leftoversIn,
  newOwnedPath,
  type OwnedFolder,
  removeLeftover,
  removeLeftovers,
} from "./owned-folder.js";
export { ownerName } from "./owner.js";
