import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfHit } from '../../../static/app/lib/hits.js';

test('what is found has a page of its own, people a place in their list', () => {
  assert.equal(addressOfHit({ type: 'category', id: 'c' }), '/categories/c');
  assert.equal(addressOfHit({ type: 'judge', id: 'j' }), '/judges?id=j');
});
