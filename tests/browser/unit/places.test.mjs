import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { homePath, isAt, places } from '../../../static/app/lib/places.js';
import { adopt } from '../../../static/app/lib/session.js';

const tenant = { type: 'tenant' };
const signIn = (actions, grants = [{ role: 'ANY', scope: tenant }]) => adopt({
  user: { id: 'u' }, tenant: { id: 't', slug: 'harbour' }, actions, grants,
});
const labels = () => places().map(({ label }) => label);

beforeEach(() => adopt(null));

test('nobody who is not signed in is led anywhere', () => {
  assert.deepEqual(labels(), []);
});

test('the navigation has what the session’s actions allow', () => {
  signIn(['account.use', 'events.read', 'people.read']);
  assert.deepEqual(labels(), ['Events', 'Contestants', 'Judges']);
  assert.equal(homePath(), '/');
});

test('what belongs to the whole tenant is not offered to whoever has a role for one event', () => {
  const actions = ['events.read', 'audit.read'];
  signIn(actions);
  assert.deepEqual(labels(), ['Events', 'Audit log']);
  signIn(actions, [{ role: 'AUDITOR', scope: { type: 'event', id: 'e' } }]);
  assert.deepEqual(labels(), ['Events']);
});

test('judges begin with their sheets, whoever sees no events with what there is', () => {
  signIn(['account.use', 'events.read', 'sheets.submit'], [{ role: 'JUDGE', scope: tenant }]);
  assert.equal(homePath(), '/judge');
  signIn(['account.use', 'tenants.read', 'users.read'], [{ role: 'SUPER_ADMIN', scope: tenant }]);
  assert.equal(homePath(), '/users');
  signIn(['account.use'], [{ role: 'CONTESTANT', scope: tenant }]);
  assert.equal(homePath(), '/account');
});

test('a page beneath a place marks the place', () => {
  const [events] = (signIn(['events.read', 'users.read']), places());
  assert.ok(isAt(events, '/'));
  assert.ok(isAt(events, '/categories/1/results'));
  assert.ok(!isAt(events, '/users'));
});
