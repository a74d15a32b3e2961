import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  conflictsIn, headed, onlyConfirms, operationsOf, planned, seatOf, seated, toggled,
} from '../../../static/app/lib/panels.js';

const ines = seatOf('ines', 'voice');
const otto = seatOf('otto', 'voice');
const assignment = { id: 'a1', version: 7, judgeId: 'ines', categoryId: 'voice', headJudge: true };
const stored = seated([[assignment], []]);
const none = new Map();

test('what is ticked and unticked again is no change', () => {
  const once = toggled(stored, none, otto);
  assert.deepEqual(operationsOf(stored, once), [
    { op: 'create', type: 'assignment', parent: 'voice', body: { judgeId: 'otto' } },
  ]);
  assert.equal(toggled(stored, once, otto).size, 0);
  const gone = toggled(stored, none, ines);
  assert.deepEqual(operationsOf(stored, gone), [{ op: 'delete', type: 'assignment', id: 'a1' }]);
  assert.equal(toggled(stored, gone, ines).size, 0);
});

test('a panel has one head: the old one steps down first', () => {
  const draft = headed(stored, none, otto);
  assert.equal(planned(stored, draft, ines).heads, false);
  assert.deepEqual(operationsOf(stored, draft), [
    { op: 'update', type: 'assignment', id: 'a1', version: 7, body: { headJudge: false } },
    { op: 'create', type: 'assignment', parent: 'voice', body: { judgeId: 'otto', headJudge: true } },
  ]);
  assert.deepEqual(operationsOf(stored, headed(stored, none, ines)).map(({ body }) => body), [{ headJudge: false }]);
});

test('what a colleague has done meanwhile is not done again', () => {
  const draft = toggled(none, none, ines);
  assert.deepEqual(operationsOf(seated([[{ ...assignment, headJudge: false }]]), draft), []);
});

test('a conflict counts where the contestant takes part', () => {
  const conflicts = [{ judgeId: 'ines', contestantId: 'ada' }];
  const entries = [{ id: 'e1', contestantId: 'ada', contestantName: 'Ada' }, { id: 'e2', contestantId: 'ben', contestantName: 'Ben' }];
  const all = { id: 'voice', entrants: 'all' };
  const listed = { id: 'duo', entrants: 'listed' };
  assert.deepEqual(conflictsIn(conflicts, 'ines', all, entries, new Map()), ['Ada']);
  assert.deepEqual(conflictsIn(conflicts, 'otto', all, entries, new Map()), []);
  assert.deepEqual(conflictsIn(conflicts, 'ines', listed, entries, new Map([['duo', [{ entryId: 'e2' }]]])), []);
  assert.deepEqual(conflictsIn(conflicts, 'ines', listed, entries, new Map([['duo', [{ entryId: 'e1' }]]])), ['Ada']);
});

test('only a refusal that nothing but marks stands behind can be confirmed', () => {
  const refusal = (...messages) => ({ code: 'bulk_refused', errors: messages.map((message) => ({ message })) });
  assert.ok(onlyConfirms(refusal('confirmation_required: sheets would go out of sight')));
  assert.ok(!onlyConfirms(refusal('confirmation_required: sheets', 'locked: the contest is locked')));
  assert.ok(!onlyConfirms({ code: 'invalid', errors: [] }));
});
