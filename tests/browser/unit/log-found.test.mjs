import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isComplete, merged, nothingYet, shareDone, withPage } from '../../../static/app/lib/log-found.js';

const line = (place) => ({ place, fields: {} });
const page = (items, nextCursor, more = {}) => ({
  items: items.map(line), nextCursor, reachedAt: '2027-05-08T22:00:00Z', read: { blocks: 1, blocksOf: 10, millis: 2 },
  faults: [], ...more,
});
const at = Date.parse('2027-05-08T23:00:00Z');
const begun = (text) => nothingYet(text, { from: at - 4 * 3_600_000, until: null }, at);

test('parts join, with what was read for them and each fault once', () => {
  const faults = [{ file: 'a.zst', what: 'cut' }];
  const found = withPage(withPage(begun('x'), page(['1.2', '1.1'], 'c', { faults })), page(['0.9'], null, { faults }));
  assert.deepEqual(found.lines.map(({ place }) => place), ['1.2', '1.1', '0.9']);
  assert.deepEqual(found.read, { blocks: 2, blocksOf: 20, millis: 4 });
  assert.deepEqual(found.faults, faults);
  assert.ok(isComplete(found));
});

test('what no line has as its ID is searched for as text, but only after all was looked at', () => {
  const half = withPage(begun('01a216ed'), page([], 'c'));
  assert.deepEqual([half.as, half.noId, half.cursor], ['id', false, 'c']);
  const whole = withPage(half, page([], null));
  assert.deepEqual([whole.as, whole.noId, whole.cursor], ['q', true, undefined]);
  const asText = withPage(whole, page([], null));
  assert.ok(isComplete(asText), 'and not once more');
  assert.equal(withPage(begun('01a216ed'), page(['1.1'], null)).as, 'id');
  assert.equal(begun('two words').as, 'q');
});

test('how far a search is follows from the time that it has come back to', () => {
  assert.equal(shareDone(withPage(begun('x'), page([], 'c'))), 0.25);
  assert.equal(shareDone(begun('x')), null);
  assert.equal(shareDone({ ...withPage(begun('x'), page([], 'c')), window: { from: null, until: null } }), null);
});

test('lines that come twice are shown once, the newest first and no more than the most', () => {
  const together = merged([line('a.10'), line('9.ff')], [line('9.ff'), line('a.9'), line('a.f')]);
  assert.deepEqual(together.map(({ place }) => place), ['a.10', 'a.f', 'a.9', '9.ff']);
  assert.deepEqual(merged([line('1.1')], [line('1.2')], 1).map(({ place }) => place), ['1.2']);
});
