import type * as v from "valibot";
import * as documents from "./commands.js";
import { initDocument } from "./init.js";
import { profileDocument } from "./profile.js";
import { syncDocument } from "./sync.js";
import { typesDocument } from "./types.js";

/** The document of each command, by the name of its published schema. */
export const allDocuments: Readonly<Record<string, v.GenericSchema>> = {
  build: documents.buildDocument,
  doctor: documents.doctorDocument,
  error: documents.errorDocument,
  explain: documents.explainDocument,
  init: initDocument,
  "inspect-entity": documents.entityDocument,
  "inspect-feature": documents.featureDocument,
  "inspect-source": documents.sourceDocument,
  "list-entities": documents.entitiesDocument,
  "list-features": documents.featuresDocument,
  "list-sources": documents.sourcesDocument,
  "list-versions": documents.versionsDocument,
  preview: documents.previewDocument,
  profile: profileDocument,
  sync: syncDocument,
  "training-data": documents.trainingDocument,
  types: typesDocument,
  validate: documents.validateDocument,
};
