import assert from 'node:assert/strict';
import test from 'node:test';
import { holdersOf } from '../../../static/app/lib/holders.js';

const organiser = (name, ...scopes) => ({ name, grants: scopes.map((scope) => ({ role: 'ORGANIZER', scope })) });
const [all, gala, solo] = [{ type: 'tenant' }, { type: 'event', id: 'g' }, { type: 'contest', id: 's' }];

test('who holds a role is told by what it is held for, the whole organisation first', () => {
  const people = [organiser('Jo', gala, solo), organiser('Ann', all), organiser('Ben', gala), organiser('Cem')];
  assert.deepEqual(holdersOf('ORGANIZER', people), [
    { key: 'tenant', scope: all, names: ['Ann'] },
    { key: 'event g', scope: gala, names: ['Jo', 'Ben'] },
    { key: 'contest s', scope: solo, names: ['Jo'] },
  ]);
  assert.deepEqual(holdersOf('JUDGE', people), []);
});
