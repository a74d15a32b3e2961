import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsettled, wordsFor } from '../../../static/app/lib/reasons.js';

const complete = { state: 'complete' };
const placement = (id, name, more) => ({ entry: { id, name, number: 1 }, completeness: complete, ...more });
const judges = [{ id: 'i', name: 'Ines' }, { id: 'o', name: 'Otto' }];
const criteria = [{ id: 't', name: 'Technique' }, { id: 'e', name: 'Expression' }];
const total = (own, other) => ({ type: 'total', own, other });
const placed = (reason) => ({ reason: { type: 'placed', behind: null, aheadOf: null, shared: null, ...reason } });

/** The sentences for the first of these placements. */
function explained(...placements) {
  return wordsFor({ placements, judges, criteria }).explain(placements[0]);
}
const others = [placement('b', 'Ben'), placement('c', 'Cleo')];

test('the first is told by what put it ahead, everybody else by what put them behind', () => {
  const ahead = placed({ aheadOf: { others: ['b'], decidedBy: total('53', '50') } });
  assert.deepEqual(explained(placement('a', 'Ada', ahead), ...others), ['Ahead of Ben: 53 to 50.']);
  const between = placed({
    behind: { others: ['b'], decidedBy: total('50', '53') }, aheadOf: { others: ['c'], decidedBy: total('50', '40') },
  });
  assert.deepEqual(explained(placement('a', 'Ada', between), ...others), ['Behind Ben: 50 to 53.']);
});

test('a tie-break is named with its rule, its step and both numbers, on either side', () => {
  const rule = { type: 'criterion', criterionId: 't' };
  const reason = placed({
    behind: { others: ['b'], decidedBy: total('50', '53') },
    aheadOf: { others: ['c'], decidedBy: { type: 'tieBreak', step: 2, rule, own: '9', other: '26/3', place: null } },
  });
  assert.deepEqual(explained(placement('a', 'Ada', reason), ...others), [
    'Behind Ben: 50 to 53.',
    'Ahead of Cleo with equal totals, by tie-break 2 (mean mark for Technique): 9 to 8.6666….',
  ]);
});

test('count-back names the place that was counted', () => {
  const decidedBy = { type: 'tieBreak', step: 1, rule: { type: 'countback' }, own: '1', other: '2', place: 2 };
  const [sentence] = explained(placement('a', 'Ada', placed({ behind: { others: ['b', 'c'], decidedBy } })), ...others);
  assert.equal(sentence, 'Behind Ben and Cleo with equal totals, by tie-break 1 (countback, places no. 2): 1 to 2.');
});

test('a shared place tells with whom and why', () => {
  const shared = (because) => explained(placement('a', 'Ada', placed({ shared: { with: ['b'], because } })), ...others);
  assert.deepEqual(shared('rule'), ['Shares the place with Ben: the tie-break rules say that equals share it.']);
  assert.deepEqual(shared('chainExhausted'), [
    'Shares the place with Ben: their totals are equal, and no tie-break parts them.',
  ]);
});

test('who is alone, and who has no total, is told so', () => {
  assert.deepEqual(explained(placement('a', 'Ada', { reason: { type: 'onlyEntry' } })), [
    'There is nobody to compare it with.',
  ]);
  assert.deepEqual(explained(placement('a', 'Ada', { reason: { type: 'noTotal' } }), ...others), [
    'No total yet: no judge has given enough marks.',
  ]);
});

test('what a judge contributed has the total, the place, the points, and whether it was left out', () => {
  const { contribution } = wordsFor({ placements: others, judges, criteria });
  const of = (more) => contribution({ judge: 'i', total: '26', place: null, points: null, dropped: 'no', ...more });
  assert.deepEqual(of({}), { judge: 'Ines', text: '26', left: null });
  assert.deepEqual(of({ place: '2', points: '5' }).text, '26, place 2, 5 points');
  assert.deepEqual(of({ dropped: 'best' }).left, 'left out as one of the best');
  assert.deepEqual(of({ total: null, noTotal: 'recused' }).text, 'recused');
  assert.equal(of({ judge: 'gone' }).judge, 'somebody deleted meanwhile');
});

test('what is lacking is told by judge, and by criterion unless it is the whole sheet', () => {
  const completeness = {
    state: 'provisional',
    gaps: [
      { judge: 'i', reason: 'missing', criteria: ['t', 'e'] }, { judge: 'o', reason: 'abstained', criteria: ['e'] },
    ],
  };
  const ada = placement('a', 'Ada', { completeness });
  const { gaps, owed } = wordsFor({ placements: [ada, placement('b', 'Ben', { completeness })], judges, criteria });
  assert.deepEqual(gaps(ada), ['Ines: no mark yet', 'Otto: abstained for Expression']);
  assert.deepEqual(owed(), ['Ines has not scored Ada and Ben.']);
});

test('a judge who owes a single mark is not said to owe the sheet', () => {
  const lacks = (id, name, ...of) => placement(id, name, {
    completeness: { state: 'provisional', gaps: [{ judge: 'i', reason: 'missing', criteria: of }] },
  });
  const all = [lacks('a', 'Ada', 'e'), lacks('b', 'Ben', 't', 'e'), lacks('c', 'Cleo', 'e')];
  assert.deepEqual(wordsFor({ placements: all, judges, criteria }).owed(), [
    'Ines has not scored Expression for Ada and Cleo.', 'Ines has not scored Ben.',
  ]);
});

test('sheets that are there and can still change are counted by cause', () => {
  assert.deepEqual(unsettled({ sheetsReopened: 0, sheetsIncomplete: 0 }), []);
  assert.deepEqual(unsettled({ sheetsReopened: 1, sheetsIncomplete: 2 }), [
    '2 sheets with marks missing: a criterion came later, or a mark was deleted.',
    '1 sheet reopened: the marks count, and can still change.',
  ]);
});
