import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byLine, namesIn, operationsFor } from '../../../static/app/lib/several.js';

const entered = (name, first) => [
  { op: 'create', type: 'contestant', body: { name } },
  { op: 'create', type: 'entry', parent: 'k', body: { contestantId: first } },
];

test('each line is a name, empty ones are none', () => {
  assert.deepEqual(namesIn(' Ada \n\n Ben\r\n'), ['Ada', 'Ben']);
});

test('what belongs to one name refers to what is created for that name', () => {
  const operations = operationsFor(['Ada', 'Ben'], entered);
  assert.deepEqual(operations.map(({ body }) => body.name ?? body.contestantId), ['Ada', '#0', 'Ben', '#2']);
});

test('faults are told by line, each line once', () => {
  const faults = [
    { pointer: '/operations/2/body/name', message: 'is too long' },
    { pointer: '/operations/3', message: 'not_found: there is no such contestant' },
  ];
  assert.deepEqual(byLine(['Ada', 'Ben'], faults, entered), [{ line: 2, name: 'Ben', message: 'is too long' }]);
  const [{ name }] = byLine(['x'.repeat(300)], [{ pointer: '/operations/0/body/name', message: 'is too long' }], entered);
  assert.equal(name, `${'x'.repeat(59)}…`);
});
