import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decided, outcomesOf } from '../../../static/app/lib/rehearsal.js';

const asked = { problem: { code: 'confirmation_required', changes: [{ categoryName: 'Voice', entries: [] }] } };
const locked = { problem: { code: 'category_locked' } };

test('what only has to be confirmed can be done, and says which marks are at stake', () => {
  const [fine, atStake, refused] = outcomesOf({ results: [{}, asked, asked] }, { results: [{}, {}, locked] });
  assert.deepEqual(fine, { problem: null, needsConfirmation: false, changes: [] });
  assert.deepEqual(atStake, { problem: null, needsConfirmation: true, changes: asked.problem.changes });
  assert.deepEqual(refused, { problem: locked.problem, needsConfirmation: false, changes: [] });
});

test('those that can be done are done, the others are left out', () => {
  const outcomes = outcomesOf({ results: [{}, locked, asked] }, { results: [{}, locked, {}] });
  assert.deepEqual(decided(['a', 'b', 'c'], outcomes), { possible: ['a', 'c'], confirm: true, impossible: 1 });
});
