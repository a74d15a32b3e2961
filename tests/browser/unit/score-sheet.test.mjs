import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closure, completed, completion, draftOf, draftToFill, fitted, isStored, lacking, progressOf, recusedFrom, submission,
  takenBack, totals, unscored,
} from '../../../static/app/lib/score-sheet.js';

const criteria = [
  { id: 't', minimum: '0', maximum: '10', step: '0.5', weight: '2' },
  { id: 'e', minimum: '0', maximum: '10', step: '1', weight: '1' },
];
const noComment = { text: '', private: false };
const draft = {
  marks: { t: { value: '8.5' }, e: { state: 'abstained' } }, comment: { text: ' Brave. ', private: true },
};
const stored = {
  state: 'submitted', version: 7, comment: { text: 'Brave.', private: true },
  scores: [{ criterionId: 't', value: '8.5' }, { criterionId: 'e', state: 'abstained' }],
};

test('a stored sheet becomes a draft to go on from, no sheet an empty one', () => {
  assert.deepEqual(draftOf(stored), { marks: draft.marks, comment: stored.comment });
  assert.deepEqual(draftOf(null), { marks: {}, comment: noComment });
  assert.deepEqual(draftOf({ ...stored, comment: null }).comment, noComment);
});

test('a kept draft loses marks that no longer fit, and nothing else', () => {
  const kept = { ...draft, marks: { ...draft.marks, gone: { value: '3' } } };
  assert.deepEqual(fitted(kept, criteria), draft);
  const coarser = [{ ...criteria[0], step: '1' }, criteria[1]];
  assert.deepEqual(fitted(kept, coarser).marks, { e: { state: 'abstained' } });
});

test('a reason for no mark counts as scored', () => {
  assert.deepEqual(unscored(criteria, draft.marks), []);
  assert.deepEqual(unscored(criteria, { t: { value: '0' } }).map(({ id }) => id), ['e']);
});

test('the total is that of the marks given, out of the most there could be', () => {
  assert.deepEqual(totals(criteria, draft.marks), { total: '17', highest: '30' });
  assert.deepEqual(totals(criteria, {}), { total: '0', highest: '30' });
});

test('a submission names every criterion once and the version that was seen', () => {
  assert.deepEqual(submission(criteria, draft, 7), {
    scores: stored.scores, comment: { text: 'Brave.', private: true }, version: 7,
  });
  assert.equal(submission(criteria, { ...draft, comment: { text: '  ', private: true } }, null).comment, null);
});

test('a draft that says what is stored is told from one that says more', () => {
  assert.ok(isStored(draft, stored));
  assert.ok(!isStored({ ...draft, marks: { ...draft.marks, t: { value: '9' } } }, stored));
  assert.ok(!isStored({ ...draft, marks: { t: { value: '8.5' } } }, stored));
  assert.ok(!isStored({ ...draft, comment: { text: 'Bold.', private: true } }, stored));
  assert.ok(!isStored({ ...draft, comment: { text: 'Brave.', private: false } }, stored));
  const silent = { ...stored, comment: null };
  assert.ok(isStored({ ...draft, comment: { text: ' ', private: true } }, silent), 'no comment is private or public');
});

test('recusing sets the marks aside; taking it back brings them back', () => {
  const recused = recusedFrom(draft, criteria);
  assert.deepEqual(recused.marks, { t: { state: 'recused' }, e: { state: 'recused' } });
  assert.deepEqual(takenBack(recused), draft);
  assert.deepEqual(takenBack(draftOf({ ...stored, scores: [] })).marks, {});
});

const later = [...criteria, { id: 'p', minimum: '0', maximum: '10', step: '1', weight: '1' }];

test('a sheet lacks the criteria that it has no word on; no sheet lacks none', () => {
  assert.deepEqual(lacking(stored, criteria), []);
  assert.deepEqual(lacking(stored, later).map(({ id }) => id), ['p']);
  assert.deepEqual(lacking(null, later), []);
});

test('completing a sheet adds marks, and changes neither those given nor the comment', () => {
  const own = { marks: { t: { value: '1' }, p: { value: '6' } }, comment: { text: 'Other words', private: false } };
  assert.deepEqual(completed(own, stored), { marks: { ...draft.marks, p: { value: '6' } }, comment: stored.comment });
  const untrimmed = { ...stored, comment: { text: ' Brave. ', private: true } };
  assert.deepEqual(completion(later, own, untrimmed), {
    scores: [...stored.scores, { criterionId: 'p', value: '6' }], comment: untrimmed.comment, version: 7,
  });
  assert.equal(completion(later, own, { ...stored, comment: null }).comment, null);
});

test('who has recused from all there was has recused from what came later', () => {
  const state = 'recused';
  const recused = { ...stored, scores: criteria.map(({ id }) => ({ criterionId: id, state })) };
  assert.deepEqual(draftToFill(recused, later).marks, { t: { state }, e: { state }, p: { state } });
  assert.deepEqual(draftToFill(stored, later), draftOf(stored));
  assert.deepEqual(draftToFill(null, later), draftOf(null));
});

test('why a category is closed: locked before archived before the judge having left', () => {
  const scoring = (more) => ({ category: { lockedAt: null, archivedAt: null, ...more }, closed: true });
  assert.match(closure(scoring({ lockedAt: 'then', archivedAt: 'then' })).title, /locked/);
  assert.match(closure(scoring({ archivedAt: 'then' })).title, /archived/);
  assert.match(closure(scoring({})).title, /no longer score/);
  assert.equal(closure({ ...scoring({}), closed: false }), null);
});

test('where a judge stands with an entrant', () => {
  const label = (sheet, kept) => progressOf({ sheet }, kept, criteria).label;
  assert.equal(label(null, null), 'Not scored');
  assert.equal(label(null, { marks: { t: { value: '8' } } }), 'Draft 1 of 2');
  assert.equal(label(stored, null), 'Submitted');
  assert.equal(label({ ...stored, state: 'reopened' }, null), 'Reopened');
  assert.equal(label({ ...stored, reopening: { reason: 'slip' } }, null), 'Reopening asked');
  assert.equal(progressOf({ sheet: stored }, null, later).label, '1 mark missing');
  assert.equal(progressOf({ sheet: { ...stored, scores: [] } }, null, later).label, '3 marks missing');
  assert.equal(progressOf({ sheet: { ...stored, state: 'reopened' } }, null, later).label, 'Reopened');
  assert.ok(progressOf({ sheet: stored }, null, later).open);
  assert.ok(progressOf({ sheet: null }, null, criteria).open);
  assert.ok(!progressOf({ sheet: stored }, null, criteria).open);
});

test('an entrant with whom there is a conflict of interest is not open to be scored', () => {
  const progress = progressOf({ sheet: null, conflict: 'block' }, null, [{ id: 'a' }]);
  assert.deepEqual([progress.label, progress.open], ['Conflict of interest', undefined]);
});
