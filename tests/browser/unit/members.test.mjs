import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersOf, textOf } from '../../../static/app/lib/members.js';

test('a line is a member, with what they do behind a comma', () => {
  const members = [{ name: 'Ann Ives', role: 'bass' }, { name: 'Bo' }];
  assert.deepEqual(membersOf('Ann Ives, bass\n\n  Bo  \n'), members);
  assert.equal(textOf(members), 'Ann Ives, bass\nBo');
});

test('only the first comma parts', () => {
  assert.deepEqual(membersOf('Cy, drums, vocals'), [{ name: 'Cy', role: 'drums, vocals' }]);
  assert.deepEqual(membersOf('Cy,'), [{ name: 'Cy' }]);
});
