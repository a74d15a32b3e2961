import assert from 'node:assert/strict';
import { test } from 'node:test';
import { belowInWords, pageOf } from '../../../static/app/lib/kinds.js';

const below = (counts, capped = false) => ({
  counts: Object.entries(counts).map(([kind, count]) => ({ kind, count })), capped,
});

test('what hangs below is told in plain words', () => {
  assert.equal(belowInWords(below({ entry: 12, category: 3, sheet: 240 })), '12 entries, 3 categories and 240 sheets');
  assert.equal(belowInWords(below({ criterion: 1, mark: 0 })), '1 criterion');
  assert.equal(belowInWords(below({})), '');
});

test('counting that stopped early says so', () => {
  assert.equal(belowInWords(below({ sheet: 10_000 }, true)), '10000 sheets and more');
});

test('a thing is changed on the page of what holds it', () => {
  assert.equal(pageOf('category', { id: 'c' }), '#/categories/c');
  assert.equal(pageOf('entry', { id: 'e', contestId: 'k' }), '#/contests/k/entries');
  assert.equal(pageOf('entry', { id: 'e' }), null);
  assert.equal(pageOf('sheet', { id: 's' }), null);
});
