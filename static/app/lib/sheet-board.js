/** What the sheets of a category come to: who sits on it, which sheets are awaited, which can still change. */
import { lacking } from './score-sheet.js';

/**
 * Sums up the sheets that a category has. Like the results, it expects nothing more of judges who have left or did not
 * come, nor for entries that take no part.
 * @param {{sheets: object[], assignments: object[], entrants: {id: string}[], criteria: object[]}} category
 * @returns {{judges: object[], sheetOf: (entryId: string, judgeId: string) => object|undefined,
 *   awaited: {judgeName: string, open: number}[], asked: object[], reopened: object[], incomplete: object[]}}
 * `asked`: judges ask to reopen these; `incomplete`: these lack a mark
 */
export function sumUp({ sheets, assignments, entrants, criteria }) {
  const places = new Map(sheets.map((sheet) => [`${sheet.entryId} ${sheet.judgeId}`, sheet]));
  const sheetOf = (entryId, judgeId) => places.get(`${entryId} ${judgeId}`);
  const judges = judgesOf(assignments, sheets);
  const active = judges.filter(({ status }) => status === 'active');
  const expected = active.flatMap(({ judgeId }) => entrants.map(({ id }) => sheetOf(id, judgeId))).filter(Boolean);
  return {
    judges,
    sheetOf,
    awaited: active
      .map((judge) => ({ ...judge, open: entrants.filter(({ id }) => !sheetOf(id, judge.judgeId)).length }))
      .filter(({ open }) => open > 0),
    asked: sheets.filter(({ reopening }) => reopening),
    reopened: expected.filter(({ state }) => state === 'reopened'),
    incomplete: expected.filter((sheet) => lacking(sheet, criteria).length > 0),
  };
}

/** Everybody assigned, and whoever else has left a sheet. */
function judgesOf(assignments, sheets) {
  const judges = new Map(assignments.map((assignment) => [assignment.judgeId, assignment]));
  for (const { judgeId, judgeName } of sheets) {
    if (!judges.has(judgeId)) judges.set(judgeId, { judgeId, judgeName, status: 'ended' });
  }
  return [...judges.values()];
}
