import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, stretch } from '../../../static/app/lib/selection.js';

test('a stretch has both ends, in whichever order they were chosen', () => {
  assert.deepEqual(stretch([1, 2, 3, 4], 2, 4), [2, 3, 4]);
  assert.deepEqual(stretch([1, 2, 3, 4], 4, 2), [2, 3, 4]);
  assert.deepEqual(stretch([1, 2, 3, 4], null, 3), [3]);
  assert.deepEqual(stretch([1, 2], 9, 2), [2], 'where it began is not shown any more');
});

test('choosing leaves the set before as it was', () => {
  const before = new Set([1]);
  assert.deepEqual([...choose(before, [2, 3], true)], [1, 2, 3]);
  assert.deepEqual([...choose(before, [1], false)], []);
  assert.deepEqual([...before], [1]);
});
