import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanation, timesShown, toInstant, toLocal, zones } from '../../../static/app/lib/zoned-time.js';

/** Local time, zone, and the instant at which the clocks there show it. */
const plain = [
  ['2027-05-08T19:00', 'Europe/Vienna', '2027-05-08T17:00:00.000Z'],
  ['2027-01-08T19:00', 'Europe/Vienna', '2027-01-08T18:00:00.000Z'],
  ['2027-05-08T19:00', 'UTC', '2027-05-08T19:00:00.000Z'],
  ['2027-05-08T19:00', 'Asia/Kolkata', '2027-05-08T13:30:00.000Z'],
  ['2027-05-08T19:00', 'Asia/Kathmandu', '2027-05-08T13:15:00.000Z'],
  ['2027-05-08T00:30', 'Pacific/Kiritimati', '2027-05-07T10:30:00.000Z'],
  ['2027-05-08T23:30', 'Pacific/Pago_Pago', '2027-05-09T10:30:00.000Z'],
  ['2027-12-31T23:59', 'America/New_York', '2028-01-01T04:59:00.000Z'],
];

test('the clock time of a zone and the instant become one another', () => {
  for (const [local, zone, instant] of plain) {
    assert.equal(toInstant(local, zone), instant, `${local} ${zone}`);
    assert.equal(toLocal(instant, zone), local, `${instant} ${zone}`);
  }
});

test('nothing stays nothing', () => {
  assert.equal(toInstant('', 'UTC'), null);
  assert.equal(toLocal(null, 'UTC'), '');
});

test('around the change to summer time, the offset in force at each side holds', () => {
  // In Vienna clocks go from 02:00 to 03:00 on 28 March 2027, at 01:00 UTC.
  assert.equal(toInstant('2027-03-28T01:59', 'Europe/Vienna'), '2027-03-28T00:59:00.000Z');
  assert.equal(toInstant('2027-03-28T03:00', 'Europe/Vienna'), '2027-03-28T01:00:00.000Z');
  // In New York from 02:00 to 03:00 on 14 March 2027, at 07:00 UTC.
  assert.equal(toInstant('2027-03-14T01:59', 'America/New_York'), '2027-03-14T06:59:00.000Z');
  assert.equal(toInstant('2027-03-14T03:00', 'America/New_York'), '2027-03-14T07:00:00.000Z');
});

test('a time that the clocks skip is moved on by what they skip', () => {
  for (const [local, zone, shown] of [
    ['2027-03-28T02:30', 'Europe/Vienna', '2027-03-28T03:30'],
    ['2027-03-14T02:15', 'America/New_York', '2027-03-14T03:15'],
    // Lord Howe Island skips half an hour, on 3 October 2027.
    ['2027-10-03T02:10', 'Australia/Lord_Howe', '2027-10-03T02:40'],
  ]) assert.equal(toLocal(toInstant(local, zone), zone), shown, `${local} ${zone}`);
});

test('a time that the clocks show twice means the first of the two', () => {
  // In Vienna clocks go back from 03:00 to 02:00 on 31 October 2027, at 01:00 UTC.
  assert.equal(toInstant('2027-10-31T02:30', 'Europe/Vienna'), '2027-10-31T00:30:00.000Z');
  // In New York from 02:00 to 01:00 on 7 November 2027, at 06:00 UTC.
  assert.equal(toInstant('2027-11-07T01:30', 'America/New_York'), '2027-11-07T05:30:00.000Z');
  assert.equal(toInstant('2027-11-07T02:00', 'America/New_York'), '2027-11-07T07:00:00.000Z');
});

test('every minute around the changes of a year comes back as it was, unless the clocks skip it', () => {
  for (const [zone, day, skipped] of [
    ['Europe/Vienna', '2027-03-28', 60], ['Europe/Vienna', '2027-10-31', 0], ['America/New_York', '2027-03-14', 60],
    ['America/New_York', '2027-11-07', 0], ['Australia/Lord_Howe', '2027-10-03', 30],
  ]) {
    const minutes = Array.from({ length: 6 * 60 }, (_, minute) => (
      `${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`));
    const changed = minutes.filter((local) => toLocal(toInstant(local, zone), zone) !== local);
    assert.equal(changed.length, skipped, `${zone} ${day}`);
  }
});

test('the zones on offer include UTC, and the one that is set even if the browser knows it by another name', () => {
  assert.ok(zones().includes('UTC'));
  assert.ok(zones('Asia/Calcutta').includes('Asia/Calcutta'));
  assert.equal(new Set(zones('UTC')).size, zones('UTC').length);
});

test('a time that the clocks skip or show twice is told as such', () => {
  const zone = 'Europe/Vienna';
  assert.deepEqual(['2027-03-28T02:30', '2027-10-31T02:30', '2027-05-08T19:00'].map((at) => timesShown(at, zone)),
    [0, 2, 1]);
  assert.equal(explanation('2027-03-28T02:30', zone), 'Clocks in Europe/Vienna skip this time: 03:30 is next.');
  assert.match(explanation('2027-10-31T02:30', zone), /twice that day.* the first of the two, at GMT\+2\.$/);
  assert.equal(explanation('2027-05-08T19:00', zone), 'Clock time in Europe/Vienna.');
  assert.equal(explanation('', zone), 'Clock time in Europe/Vienna.');
});
