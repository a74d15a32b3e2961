import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grouped, inShort, shareOf, toggled } from '../../../static/app/lib/event-patterns.js';

const types = ['contest.created', 'contest.deleted', 'category.created', 'lock.set', 'contest.purged']
  .map((type) => ({ type, summary: `${type} happened.` }));

test('the catalogue is grouped by nouns, which people know by their plurals', () => {
  const groups = grouped(types);
  assert.deepEqual(groups.map(({ title }) => title), ['Contests', 'Categories', 'Locks']);
  assert.deepEqual(groups[0].types.map(({ type }) => type), ['contest.created', 'contest.deleted', 'contest.purged']);
});

test('a pattern that stands for many takes the place of those, and single ones that of all', () => {
  assert.deepEqual(toggled(['lock.set'], 'contest.created'), ['lock.set', 'contest.created']);
  assert.deepEqual(toggled(['lock.set', 'contest.created'], 'contest.created'), ['lock.set']);
  assert.deepEqual(toggled(['contest.created', 'lock.set', 'contest.deleted'], 'contest.*'), ['lock.set', 'contest.*']);
  assert.deepEqual(toggled(['contest.created', 'lock.*'], '*'), ['*']);
  assert.deepEqual(toggled(['*'], 'lock.set'), ['lock.set']);
});

test('how much of a noun is wanted is told in few words', () => {
  const [contests] = grouped(types);
  assert.equal(shareOf([], contests), '');
  assert.equal(shareOf(['contest.created', 'lock.set'], contests), '1 of 3');
  assert.equal(shareOf(['contest.*'], contests), 'All');
});

test('a list shows some of many', () => {
  assert.deepEqual(inShort(['*']), { shown: ['*'], more: 0 });
  const { shown, more } = inShort(Array.from({ length: 9 }, (_, index) => `${index}`));
  assert.deepEqual([shown.length, more], [6, 3]);
});
