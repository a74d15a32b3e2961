import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumUp } from '../../../static/app/lib/sheet-board.js';

const criteria = [{ id: 't' }, { id: 'e' }];
const entrants = [{ id: 'ada' }, { id: 'ben' }];
const assignment = (judgeId, status = 'active') => ({ judgeId, judgeName: judgeId, status });
const sheet = (judgeId, entryId, more) => ({
  judgeId, judgeName: judgeId, entryId, state: 'submitted', reopening: null,
  scores: [{ criterionId: 't', value: '8' }, { criterionId: 'e', value: '9' }], ...more,
});
const half = { scores: [{ criterionId: 't', value: '8' }] };
const of = (sheets, assignments = [assignment('ines'), assignment('otto')]) => (
  sumUp({ sheets, assignments, entrants, criteria }));

test('each judge is awaited for every entrant without a sheet', () => {
  const { awaited, sheetOf } = of([sheet('ines', 'ada'), sheet('ines', 'ben'), sheet('otto', 'ada')]);
  assert.deepEqual(awaited.map(({ judgeName, open }) => [judgeName, open]), [['otto', 1]]);
  assert.equal(sheetOf('ada', 'otto').judgeId, 'otto');
  assert.equal(sheetOf('ben', 'otto'), undefined);
});

test('sheets that lack a mark, that are reopened and that a judge wants reopened are told apart', () => {
  const asked = sheet('otto', 'ben', { reopening: { reason: 'slip' } });
  const reopened = sheet('ines', 'ben', { state: 'reopened' });
  const incomplete = sheet('ines', 'ada', half);
  const board = of([incomplete, reopened, asked]);
  assert.deepEqual([board.incomplete, board.reopened, board.asked], [[incomplete], [reopened], [asked]]);
});

test('nothing more is expected of who has left, nor for who takes no part', () => {
  const sheets = [sheet('ines', 'ada', half), sheet('gone', 'ada', { state: 'reopened' }), sheet('otto', 'cleo', half)];
  const board = of(sheets, [assignment('ines', 'ended'), assignment('otto', 'absent')]);
  assert.deepEqual([board.awaited, board.incomplete, board.reopened], [[], [], []]);
  assert.deepEqual(board.judges.map(({ judgeId }) => judgeId), ['ines', 'otto', 'gone'], 'all of them have a column');
});
