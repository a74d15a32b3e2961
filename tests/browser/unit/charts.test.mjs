import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ceilingOf, charts, chartsPath, extremesOf, logPathAt, pathOf, say, stretchesOf, timesOf,
} from '../../../static/app/lib/charts.js';

test('numbers are said with their unit, and what is not known is not zero', () => {
  assert.deepEqual([0, 0.1234, 1_234.5].map((value) => say('perSecond', value)), ['0/s', '0.123/s', '1,230/s']);
  assert.deepEqual([0, 0.000_25, 0.0123, 2].map((value) => say('seconds', value)), ['0 s', '250 µs', '12 ms', '2 s']);
  assert.deepEqual([say('bytes', 51_300_000_000), say('share', 0.0312), say('count', 3), say('perMinute', 4)],
    ['51 GB', '3.12 %', '3', '4/min']);
  assert.deepEqual([say('count', null), say('bytes', undefined)], ['–', '–']);
});

test('an axis ends at a round number that is not below the highest, and not at noise', () => {
  assert.deepEqual([[3.1], [9], [120, null], [0.2]].map((values) => ceilingOf('perSecond', values)), [4, 10, 200, 1]);
  assert.equal(ceilingOf('seconds', [null, 0.3]), 0.4);
  assert.equal(ceilingOf('count', []), 4);
});

test('a line has gaps where nothing is known, and a dot for what is known alone', () => {
  assert.equal(pathOf([0, 10, null, 5, null, null, 10, 0], 10), 'M0.5 100L1.5 0M3.5 50h0M6.5 0L7.5 100');
  assert.equal(pathOf([null, null], 1), '');
});

test('the latest number is the latest that is known', () => {
  assert.deepEqual(extremesOf([null, 3, 1, 2, null]), { latest: 2, lowest: 1, highest: 3 });
  assert.deepEqual(extremesOf([null]), { latest: null, lowest: null, highest: null });
});

test('what stays the same is one stretch', () => {
  assert.deepEqual(stretchesOf([null, 0, 0, 2, null, 2]), [
    { value: 0, from: 1, length: 2 }, { value: 2, from: 3, length: 1 }, { value: 2, from: 5, length: 1 },
  ]);
});

test('a step leads to the whole minutes of the log that it is in', () => {
  const points = { from: '2027-05-08T20:14:00.000Z', stepS: 15 };
  assert.deepEqual(timesOf(points, 2), { begins: Date.parse('2027-05-08T20:14:30Z'), ends: Date.parse('2027-05-08T20:14:45Z') });
  const query = new URLSearchParams(logPathAt(points, 2).split('?')[1]);
  assert.deepEqual([query.get('from'), query.get('until')], ['2027-05-08T20:14:00.000Z', '2027-05-08T20:15:00.000Z']);
});

test('the address holds what is looked at', () => {
  assert.equal(chartsPath('6h', null), '/charts?range=6h');
  assert.equal(chartsPath('1h', Date.parse('2027-05-08T20:14:00Z')), '/charts?range=1h&until=2027-05-08T20%3A14%3A00.000Z');
});

test('each line belongs to its chart', () => {
  for (const { key, lines } of charts) {
    assert.ok(lines.every(({ name }) => name.startsWith(`${key}.`)), key);
  }
});
