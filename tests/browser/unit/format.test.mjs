import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  count, formatAgo, formatAhead, formatSpan, list, ordinal, sentence, shortId, words,
} from '../../../static/app/lib/format.js';
import { deviceZone } from '../../../static/app/lib/zoned-time.js';

test('numbers and things agree', () => {
  assert.equal(count(1, 'sheet'), '1 sheet');
  assert.equal(count(0, 'sheet'), '0 sheets');
  assert.equal(count(2, 'entry', 'entries'), '2 entries');
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].map(ordinal), [
    '1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '22nd', '103rd', '111th',
  ]);
  assert.equal(list(['Ann']), 'Ann');
  assert.equal(list(['Ann', 'Ben', 'Cleo']), 'Ann, Ben and Cleo');
});

test('how long ago is told in the largest whole unit, and the future of a wrong clock is now', () => {
  const now = Date.parse('2027-05-08T22:30:00Z');
  const ago = (instant) => formatAgo(instant, now);
  assert.equal(ago('2027-05-08T22:29:30Z'), 'just now');
  assert.equal(ago('2027-05-08T22:31:00Z'), 'just now');
  assert.equal(ago('2027-05-08T22:28:59Z'), '1 minute ago');
  assert.equal(ago('2027-05-08T20:31:00Z'), '1 hour ago');
  assert.equal(ago('2027-05-07T22:30:00Z'), 'yesterday');
  assert.equal(ago('2027-05-01T22:30:00Z'), '7 days ago');
});

test('how far ahead is told in the largest unit, and what is due is now', () => {
  const now = Date.parse('2027-05-08T22:30:00Z');
  const ahead = (instant) => formatAhead(instant, now);
  assert.equal(ahead('2027-05-08T22:29:00Z'), 'now');
  assert.equal(ahead('2027-05-08T22:30:05Z'), 'in 5 seconds');
  assert.equal(ahead('2027-05-08T22:35:10Z'), 'in 5 minutes');
  assert.equal(ahead('2027-05-09T00:30:00Z'), 'in 2 hours');
  assert.equal(ahead('2027-05-11T22:30:00Z'), 'in 3 days');
});

test('an event is told in its own time zone, which is named where the device is in another', () => {
  const event = { startsAt: '2027-05-08T17:00:00Z', endsAt: '2027-05-08T20:30:00Z', timeZone: 'Asia/Kolkata' };
  assert.equal(formatSpan({ startsAt: null }), null);
  const span = formatSpan(event);
  assert.match(span, /22:30/);
  assert.match(span, /Sunday/, 'it ends after midnight there');
  assert.match(span, /\(Asia\/Kolkata\)$/);
  assert.doesNotMatch(formatSpan({ ...event, timeZone: deviceZone }), /\(/);
});

test('names of the API become words', () => {
  assert.equal(words('TALLY_MASTER'), 'Tally master');
  assert.equal(words('weightedSum'), 'Weighted sum');
  assert.equal(words('sheet.submitted'), 'Sheet submitted');
});

test('a message becomes a sentence, and stays one', () => {
  assert.equal(sentence('the category is locked'), 'The category is locked.');
  assert.equal(sentence('Really?'), 'Really?');
});

test('a long id is shortened to its end, which is what differs between ids of one minute', () => {
  assert.equal(shortId('01a20ab1-bbdd-73da-b945-af8bf507378d'), '…f507378d');
  assert.equal(shortId('abc'), 'abc');
});
