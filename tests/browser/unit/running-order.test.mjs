import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moved, nextPosition, repositioned } from '../../../static/app/lib/running-order.js';

const items = ['a', 'b', 'c'].map((id, index) => ({ id, position: index + 1 }));
const ids = (list) => list.map(({ id }) => id).join('');

test('one more comes last, unless nobody has put the others in order', () => {
  assert.equal(nextPosition([]), 0);
  assert.equal(nextPosition([{ position: 0 }, { position: 0 }]), 0);
  assert.equal(nextPosition(items), 4);
  assert.equal(nextPosition([{ position: -5 }]), 0);
});

test('moving stays within the list', () => {
  assert.equal(ids(moved(items, 0, 1)), 'bac');
  assert.equal(ids(moved(items, 2, -1)), 'acb');
  assert.equal(ids(moved(items, 0, -1)), 'abc');
  assert.equal(ids(moved(items, 2, 5)), 'abc');
});

test('only what must change is changed', () => {
  assert.deepEqual(repositioned(items), []);
  const changed = repositioned(moved(items, 0, 1)).map(([{ id }, position]) => `${id}${position}`);
  assert.deepEqual(changed, ['b1', 'a2']);
  assert.equal(repositioned(items.map((item) => ({ ...item, position: 0 }))).length, 3);
});
