import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { adopt, homeTenant, operators } from '../../../static/app/lib/session.js';

const operator = { user: { id: 'mara' }, tenant: { id: 's', slug: 'system' }, acting: null };
const inLantern = { ...operator, tenant: { id: 'l', slug: 'lantern' }, acting: { reason: 'x', since: 'now' } };

beforeEach(() => adopt(null));

test('a request may be tried again by the same user in the same tenant only', () => {
  assert.equal(adopt(inLantern), false, 'nobody was signed in before');
  assert.equal(adopt(inLantern), true);
  assert.equal(adopt(operator), false, 'what was meant for the other tenant does not go to this one');
  assert.equal(adopt({ ...operator, user: { id: 'otto' } }), false);
  assert.equal(adopt(null), false);
});

test('an operator who acts in a tenant signs in among the operators again', () => {
  adopt(inLantern);
  assert.deepEqual([homeTenant.value, operators.value], ['system', false]);
  adopt(operator);
  assert.deepEqual([homeTenant.value, operators.value], ['system', true]);
  adopt({ ...inLantern, acting: null });
  assert.equal(homeTenant.value, 'lantern');
});
