import { describe, expect, it } from "vitest";
import { timeNotes } from "../src/time-notes.js";

describe("the notes of a planned feature", () => {
  it("say that it is volatile, and nothing for one that is not", () => {
    expect(timeNotes({ timeless: [], volatile: false, notices: [] })).toEqual([]);
    expect(timeNotes({ timeless: [], volatile: true, notices: ["a\u001bb"] })).toEqual([
      "volatile: equal inputs can give other rows; only --force builds it again when nothing else changed",
      "warning: a\\u001bb",
    ]);
  });
});
