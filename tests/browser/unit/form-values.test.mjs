import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, creation, faultsOf, rebase, toForm } from '../../../static/app/lib/form-values.js';

const fields = [
  { name: 'name', type: 'text', required: true },
  { name: 'description', type: 'textarea' },
  { name: 'timeZone', type: 'select', initial: 'Europe/Vienna' },
  { name: 'startsAt', type: 'datetime' },
  { name: 'position', type: 'integer', initial: 0, required: true },
  { name: 'weight', type: 'decimal', initial: '1', required: true },
  { name: 'eligible', type: 'checkbox', initial: true },
  { name: 'method', type: 'method', initial: { type: 'weightedSum' } },
];
const stored = {
  name: 'Solo', description: 'One song', timeZone: 'Europe/Vienna', startsAt: '2027-05-08T17:00:00Z', position: 2,
  weight: '1.5', eligible: true, method: { type: 'weightedSum', drop: { best: 1, worst: 1 } },
};

test('a new form begins with the fields’ own values, one for editing with the stored ones', () => {
  assert.deepEqual(toForm(fields, undefined), {
    name: '', description: '', timeZone: 'Europe/Vienna', startsAt: '', position: '0', weight: '1', eligible: true,
    method: { type: 'weightedSum' },
  });
  assert.deepEqual(toForm(fields, stored), { ...stored, startsAt: '2027-05-08T19:00', position: '2' });
});

test('required fields, decimals and whole numbers are checked before anything is sent', () => {
  const faults = faultsOf(fields, { ...toForm(fields, stored), name: '', position: '1.5', weight: 'much' });
  assert.deepEqual(faults, [
    { pointer: '/name', message: 'Please fill this in.' },
    { pointer: '/position', message: 'Enter a whole number.' },
    { pointer: '/weight', message: 'Enter a number.' },
  ]);
  assert.deepEqual(faultsOf(fields, toForm(fields, stored)), []);
  assert.deepEqual(faultsOf([{ name: 'number', type: 'integer' }], { number: '' }), [], 'an optional number may lack');
});

test('what creates a resource leaves out what is empty, trims texts and turns a comma into a point', () => {
  const values = { ...toForm(fields, undefined), name: '  Solo ', weight: '1,50', startsAt: '2027-05-08T19:00' };
  assert.deepEqual(creation(fields, values), {
    name: 'Solo', timeZone: 'Europe/Vienna', startsAt: '2027-05-08T17:00:00.000Z', position: 0, weight: '1.5',
    eligible: true, method: { type: 'weightedSum' },
  });
});

test('a password keeps its blanks', () => {
  const values = { password: ' a b ' };
  assert.deepEqual(creation([{ name: 'password', type: 'new-password' }], values), values);
});

test('only what changed is sent, and what was emptied is taken away', () => {
  const values = toForm(fields, stored);
  assert.deepEqual(changes(fields, values, stored), {});
  assert.deepEqual(changes(fields, { ...values, description: '', eligible: false }, stored), {
    description: null, eligible: false,
  });
});

test('within an object, members that are gone are named as null, as a merge patch needs it', () => {
  const values = { ...toForm(fields, stored), method: { type: 'rankSum', drop: { worst: 1 } } };
  assert.deepEqual(changes(fields, values, stored), { method: { type: 'rankSum', drop: { best: null, worst: 1 } } });
});

test('another time zone moves the instants, since the clock times stay as they are read', () => {
  const values = { ...toForm(fields, stored), timeZone: 'America/New_York' };
  assert.deepEqual(changes(fields, values, stored), {
    timeZone: 'America/New_York', startsAt: '2027-05-08T23:00:00.000Z',
  });
});

test('edits are carried over to what somebody else has stored meanwhile; fields that both changed are named', () => {
  const values = { ...toForm(fields, stored), name: 'Solo voice', description: 'Two songs' };
  const fresh = { ...stored, description: 'One song, a cappella', position: 5 };
  const merged = rebase(fields, values, stored, fresh);
  assert.deepEqual(merged.theirs.map(({ name }) => name), ['description']);
  assert.equal(merged.values.name, 'Solo voice');
  assert.equal(merged.values.description, 'Two songs');
  assert.equal(merged.values.position, '5');
});

test('a field that a resource leaves out shows what that means', () => {
  const rule = [{ name: 'rule', type: 'select', initial: 'block', unset: 'block' }];
  assert.deepEqual(toForm(rule, { name: 'Ballot' }), { rule: 'block' });
  assert.deepEqual(changes(rule, { rule: 'block' }, { name: 'Ballot' }), {});
});

test('a time that the clocks skip is refused and not moved in silence', () => {
  const when = [{ name: 'startsAt', type: 'datetime' }, { name: 'timeZone', type: 'select' }];
  const faults = (startsAt) => faultsOf(when, { startsAt, timeZone: 'Europe/Vienna' });
  assert.deepEqual(faults('2027-03-28T02:30').map(({ pointer }) => pointer), ['/startsAt']);
  assert.deepEqual(faults('2027-03-28T03:30'), []);
  assert.deepEqual(faults('2027-10-31T02:30'), []);
});

test('the second of two equal clock times stays what it is while nobody changes it', () => {
  const when = [{ name: 'startsAt', type: 'datetime' }, { name: 'timeZone', type: 'select' }];
  const second = { startsAt: '2027-10-31T01:30:00.000Z', timeZone: 'Europe/Vienna' };
  assert.deepEqual(changes(when, toForm(when, second), second), {});
});

test('JSON is typed as text, checked before it is sent, and sent as what it means', () => {
  const ofCalls = [{ name: 'events', type: 'events', required: true }, { name: 'body', type: 'json' }];
  const action = { events: ['*'], body: { text: 'hello', to: 'all' } };
  const shown = toForm(ofCalls, action);
  assert.equal(shown.body, '{\n  "text": "hello",\n  "to": "all"\n}');
  assert.deepEqual(changes(ofCalls, shown, action), {});
  assert.deepEqual(changes(ofCalls, { ...shown, body: '{"text": "hello"}' }, action), { body: { text: 'hello', to: null } });
  assert.deepEqual(changes(ofCalls, { ...shown, body: ' ' }, action), { body: null });
  assert.deepEqual(creation(ofCalls, { events: ['*'], body: '[1]' }), { events: ['*'], body: [1] });
  const [none, wrong] = faultsOf(ofCalls, { events: [], body: '{"text": ' });
  assert.deepEqual(none, { pointer: '/events', message: 'Please fill this in.' });
  assert.equal(wrong.pointer, '/body');
  assert.match(wrong.message, /^This is not JSON: /);
});
