/**
 * Marks that a judge has given but not submitted, kept on the device so that a reload or an empty battery loses
 * nothing. One draft for each judge, category and entry: a shared tablet never mixes two judges.
 */

/** The name in storage of the draft of one sheet. */
export const draftKey = (judgeId, categoryId, entryId) => `event-manager:draft:${judgeId}:${categoryId}:${entryId}`;

/**
 * @typedef {{value: string} | {state: string}} DraftMark
 * @typedef {{marks: Record<string, DraftMark>, aside?: Record<string, DraftMark>,
 *   comment: {text: string, private: boolean}, savedAt: string}} Draft
 */

/** @returns {Draft|null} */
export function loadDraft(judgeId, categoryId, entryId) {
  try {
    return JSON.parse(localStorage.getItem(draftKey(judgeId, categoryId, entryId)));
  } catch {
    return null;
  }
}

/** Keeps a draft; answers whether this device could. */
export function saveDraft(judgeId, categoryId, entryId, { marks, aside, comment }) {
  try {
    const draft = { marks, aside, comment, savedAt: new Date().toISOString() };
    localStorage.setItem(draftKey(judgeId, categoryId, entryId), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(judgeId, categoryId, entryId) {
  try {
    localStorage.removeItem(draftKey(judgeId, categoryId, entryId));
  } catch {
    // Without storage there was no draft either.
  }
}
