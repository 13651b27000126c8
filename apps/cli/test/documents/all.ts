import type * as v from "valibot";
import * as documents from "./commands.js";
import { diffDocument } from "./diff.js";
import { doctorDocument } from "./doctor.js";
import { initDocument } from "./init.js";
import { logDocument } from "./log.js";
import { manifestDocument } from "./manifest.js";
import { planDocument } from "./plan.js";
import { profileDocument } from "./profile.js";
import { pruneDocument } from "./prune.js";
import { releaseDocument } from "./release.js";
import { rollbackDocument } from "./rollback.js";
import { syncDocument } from "./sync.js";
import { typesDocument } from "./types.js";
import { verifyDocument } from "./verify.js";

/** The document of each command, by the name of its published schema. */
export const allDocuments: Readonly<Record<string, v.GenericSchema>> = {
  build: documents.buildDocument,
  diff: diffDocument,
  doctor: doctorDocument,
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
  log: logDocument,
  plan: planDocument,
  manifest: manifestDocument,
  preview: documents.previewDocument,
  profile: profileDocument,
  prune: pruneDocument,
  release: releaseDocument,
  rollback: rollbackDocument,
  sync: syncDocument,
  "training-data": documents.trainingDocument,
  types: typesDocument,
  validate: documents.validateDocument,
  verify: verifyDocument,
};
