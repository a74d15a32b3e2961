import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concerns, turnsTrash } from '../../../static/app/lib/concerns.js';
import { awaited, behind, percent } from '../../../static/app/lib/progress.js';

const judge = (judgeName, expected, submitted, more = {}) => ({
  judgeId: judgeName, judgeName, status: 'active', expected, submitted, excused: 0, ...more,
});

test('nothing is complete before it is', () => {
  assert.equal(percent({ expected: 1000, submitted: 999 }), 99);
  assert.equal(percent({ expected: 3, submitted: 3 }), 100);
  assert.equal(percent({ expected: 0, submitted: 0 }), 100);
});

test('who is behind is measured against whoever is furthest', () => {
  const judges = [judge('Jo', 5, 4), judge('Kim', 5, 1), judge('Lee', 5, 3), judge('Max', 0, 0, { status: 'ended' })];
  assert.deepEqual(behind(judges), [0, 3, 0, 0]);
  assert.deepEqual(behind([judge('Jo', 1, 1, { excused: 4 }), judge('Kim', 5, 5)]), [0, 0], 'excused is done');
  assert.deepEqual(behind([]), []);
});

test('an event waits for judges over all its contests, for most sheets first', () => {
  const contests = [{ judges: [judge('Jo', 3, 1), judge('Kim', 3, 3)] }, { judges: [judge('Jo', 2, 2), judge('Lee', 4, 0)] }];
  assert.deepEqual(awaited(contests).map(({ judgeName, open }) => [judgeName, open]), [['Lee', 4], ['Jo', 2]]);
});

test('a change concerns a place unless it says that it is elsewhere', () => {
  const here = concerns({ eventId: 'e', contestId: 'c', categoryId: 'k' });
  assert.ok(here({ type: 'sheet', eventId: 'e', contestId: 'c', categoryId: 'k' }));
  assert.ok(here({ type: 'event', eventId: 'e' }), 'what lies above');
  assert.ok(here({ type: 'contestant' }), 'what lies nowhere');
  assert.ok(here({ type: 'sheet', action: 'sheet.deleted' }), 'a deletion');
  assert.ok(!here({ type: 'sheet', eventId: 'e', contestId: 'c', categoryId: 'other' }));
  assert.ok(!here({ type: 'event', eventId: 'other' }));
  assert.ok(!here({ type: 'user' }));
});

test('the trash changes with deletions and restores only', () => {
  assert.ok(turnsTrash({ action: 'sheet.deleted' }) && turnsTrash({ action: 'event.restored' }));
  assert.ok(!turnsTrash({ action: 'event.updated' }) && !turnsTrash({}));
});
