import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freezer } from '../../../static/app/lib/frozen.js';

const open = { name: 'Open', lockedAt: null, archivedAt: null };

test('what is open all the way up can change, and so can what is not loaded yet', () => {
  assert.equal(freezer(['event', undefined], ['contest', open]), null);
});

test('a lock or archive anywhere on the way keeps it from changing; the outermost is named', () => {
  const locked = { ...open, name: 'Gala', lockedAt: '2027-05-08T20:00:00Z' };
  const archived = { ...open, name: 'Solo', archivedAt: '2027-05-08T20:00:00Z' };
  assert.deepEqual(freezer(['event', locked], ['contest', archived]), {
    kind: 'event', name: 'Gala', state: 'locked', itself: false,
  });
  assert.deepEqual(freezer(['event', open], ['contest', archived]), {
    kind: 'contest', name: 'Solo', state: 'archived', itself: true,
  });
});
