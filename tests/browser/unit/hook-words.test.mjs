import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionState, examples, webhookState } from '../../../static/app/lib/hook-words.js';

const hook = { enabled: true };
const well = { hasSecret: true, arrivedAt: '2027-05-08T22:30:00Z', failingSince: null, failed: 0, stopped: null };

test('a webhook says the worst of it', () => {
  const failing = { ...well, failingSince: '2027-05-08T22:30:00Z', failed: 2 };
  const stopped = { ...failing, stopped: { at: '2027-05-08T22:30:00Z', why: 'gone' } };
  const texts = [undefined, well, { ...well, hasSecret: false }, failing, stopped]
    .map((health) => webhookState(hook, health)?.text);
  assert.deepEqual(texts, [undefined, 'Told', 'No secret yet', 'Failing', 'Stopped']);
  assert.equal(webhookState({ enabled: false }, stopped).text, 'Switched off');
});

test('why it is so is told in a sentence', () => {
  assert.match(webhookState(hook, { ...well, failingSince: '2027-05-08T22:30:00Z', failed: 1 }).why,
    /^Failing since .*: 1 delivery did not arrive/);
  assert.match(webhookState(hook, { ...well, stopped: { at: '2027-05-08T22:30:00Z', why: 'failing' } }).why,
    /because nothing has arrived for five days\. A test that arrives starts it again\.$/);
  assert.match(webhookState(hook, { ...well, arrivedAt: null }).why, /^Nothing has arrived there yet/);
});

test('an action is called or switched off', () => {
  assert.deepEqual([true, false].map((enabled) => actionState({ enabled }).text), ['Called', 'Switched off']);
});

test('a name that an event may lack has something in its place in every example', () => {
  const texts = examples.flatMap(({ body }) => Object.values(body)).filter((text) => text.includes('event.data.name'));
  assert.ok(texts.length > 0);
  for (const text of texts) assert.match(text, /event\.data\.name \| default\('/);
});
