import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canSayElse, deliveryStates, isOver, lookAgainMs, outcomeOf, readable, spanOf, stateOf,
} from '../../../static/app/lib/delivery-words.js';

test('a delivery is over when it has arrived, died or was stopped', () => {
  const over = deliveryStates.map(({ value }) => value).filter((state) => isOver({ state }));
  assert.deepEqual(over, ['done', 'dead', 'cancelled']);
});

test('one whose circuit is open says so, and for how long', () => {
  assert.equal(stateOf({ state: 'waiting', parked: false, parkedForMs: null }).text, 'Waiting');
  assert.equal(stateOf({ state: 'waiting', parked: true, parkedForMs: 29_400 }).text, 'Parked: circuit open for 30\u00a0s');
  assert.equal(stateOf({ state: 'waiting', parked: true, parkedForMs: null }).text, 'Parked: its circuit lets nothing pass');
});

test('an attempt that runs has no outcome yet', () => {
  assert.equal(outcomeOf({ outcome: null }).text, 'Under way');
  assert.equal(outcomeOf({ outcome: 'arrived' }).text, 'Arrived');
  assert.equal(outcomeOf({ outcome: 'unknown' }).text, 'May have arrived');
});

test('spans are told as people say them', () => {
  assert.deepEqual([0, 41.6, 1_000, 3_240, 15_001, 120_000, 7_200_000].map(spanOf),
    ['0 ms', '42 ms', '1 s', '3.2 s', '16 s', '2 minutes', '2 hours']);
});

test('JSON is laid out to be read, and all else stays', () => {
  assert.equal(readable('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(readable('hello'), 'hello');
});

test('one looks again soon after what is due soon, at leisure after what waits, and never after what is over', () => {
  const now = Date.parse('2027-05-08T22:30:00Z');
  const [done, running] = [{ state: 'done' }, { state: 'running' }];
  const soon = { state: 'waiting', dueAt: '2027-05-08T22:30:05Z' };
  const later = { state: 'waiting', dueAt: '2027-05-09T22:30:05Z' };
  assert.equal(lookAgainMs([], now), null);
  assert.equal(lookAgainMs([done], now), null);
  assert.equal(lookAgainMs([done, later], now), 30_000);
  assert.equal(lookAgainMs([later, soon], now), 3_000);
  assert.equal(lookAgainMs([running, done], now), 3_000);
});

test('what somebody wrote and what a call is made of can be changed as long as it did not arrive', () => {
  const call = { state: 'dead', service: 'external_api', replayedBy: null };
  const note = { ...call, service: 'email', subject: 'Doors' };
  assert.deepEqual([call, note, { ...note, state: 'cancelled' }].map(canSayElse), [true, true, true]);
  const fixed = [{ ...call, state: 'done' }, { ...call, replayedBy: 'x' }, { ...call, service: 'webhook' },
    { ...note, subject: undefined }];
  assert.deepEqual(fixed.map(canSayElse), [false, false, false, false]);
});
