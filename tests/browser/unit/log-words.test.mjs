import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockOf, durationOf, fieldText, particularsOf, sayingOf, tookOf } from '../../../static/app/lib/log-words.js';

test('a request says what was asked for and what was answered', () => {
  const request = { kind: 'http', method: 'GET', path: '/api/v1/events', status: 503, message: 'request' };
  assert.deepEqual(sayingOf(request), { text: 'GET /api/v1/events', code: true, status: '503', failed: true });
  const { status, ...unanswered } = request;
  assert.equal(sayingOf({ ...unanswered, aborted: true }).status, 'not answered');
});

test('any other line says its message and its error', () => {
  assert.equal(sayingOf({ message: 'a job failed', error: 'no route' }).text, 'a job failed: no route');
  assert.equal(sayingOf({}).text, 'A line without a message');
});

test('durations are as long as they have to be', () => {
  assert.deepEqual([0, 320, 3_797, 36_032, 1_230_000].map(tookOf), ['0 µs', '320 µs', '3.8 ms', '36 ms', '1.2 s']);
  assert.deepEqual([durationOf({ durationUs: 5 }), durationOf({ durationMs: 5 }), durationOf({})], [5, 5_000, null]);
});

test('the day stands only where it is not today’s', () => {
  const now = new Date(2027, 4, 8, 22, 30).getTime();
  assert.equal(clockOf(new Date(2027, 4, 8, 20, 14, 5, 7), now), '20:14:05.007');
  assert.equal(clockOf(new Date(2027, 4, 7, 20, 14, 5), now), '7 May, 20:14:05.000');
  assert.equal(clockOf(new Date(2026, 4, 8, 20, 14, 5), now), '8 May 2026, 20:14:05.000');
});

test('ids come first, and what the head says comes not at all', () => {
  const fields = { timestamp: 't', level: 'info', message: 'm', zeta: 1, alpha: 2, kind: 'job', requestId: 'r', spans: [] };
  assert.deepEqual(particularsOf(fields).map(([name]) => name), ['requestId', 'kind', 'alpha', 'zeta']);
  assert.deepEqual([fieldText('dbQueueUs', 43), fieldText('bytes', 43), fieldText('a', { b: 1 })], ['43 µs', '43', '{"b":1}']);
});
