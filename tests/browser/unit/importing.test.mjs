import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byRow, failures, gist } from '../../../static/app/lib/importing.js';

test('faults are told by their row, in words', () => {
  const { rows, rest } = byRow([
    { pointer: '/rows/3/roles', message: 'boss: no such role' },
    { pointer: '/rows/2/body/email', message: 'must be an address' },
    { pointer: '/rows/2/body/name', message: 'must not be empty' },
    { pointer: '/rows/0', message: 'forbidden: you may not give this role' },
    { pointer: '/columns', message: 'no column holds the name' },
  ]);
  assert.deepEqual([...rows], [
    [3, 'Roles: Boss: no such role.'],
    [2, 'E-mail: Must be an address. Name: Must not be empty.'],
    [0, 'You may not give this role.'],
  ]);
  assert.deepEqual(rest.map(({ pointer }) => pointer), ['/columns']);
});

test('a rehearsal tells faults of cells, or why the row cannot be', () => {
  const failed = [
    { row: 1, problem: { code: 'taken', detail: 'number 7 is taken', errors: [] } },
    { row: 4, problem: { code: 'invalid', detail: '', errors: [{ pointer: '/body/email', message: 'is missing' }] } },
  ];
  assert.deepEqual([...failures(failed)], [[1, 'Number 7 is taken.'], [4, 'E-mail: Is missing.']]);
});

test('a row is known again by what it holds, however much that is', () => {
  assert.equal(gist([' Ann ', '', 'sings']), 'Ann · sings');
  assert.equal(gist(['x'.repeat(500)]).length, 120);
  assert.equal(gist(undefined), '');
});
