import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wayOut } from '../../../static/app/lib/obstacles.js';

test('what is locked leads to where it is unlocked', () => {
  assert.deepEqual(wayOut({ code: 'contest_locked', detail: 'the contest is locked', kind: 'contest', id: 'k' }), {
    title: 'The contest is locked', link: { text: 'Unlock the contest first', href: '#/contests/k' },
  });
  const beneath = { code: 'locked_beneath', detail: 'a category of the event is locked: Voice', kind: 'category', id: 'c' };
  assert.equal(wayOut(beneath).link.href, '#/categories/c');
  assert.equal(wayOut({ code: 'event_archived', detail: 'x', kind: 'event', id: 'e' }).link.text, 'Unarchive the event first');
});

test('what hangs on something deleted can come back together with it', () => {
  const obstacle = { code: 'parent_deleted', detail: 'the event it belongs to is deleted', kind: 'event', id: 'e' };
  assert.deepEqual(wayOut(obstacle, { first: { type: 'event', name: 'Gala' } }), {
    title: 'The event “Gala” is in the trash, too', ancestors: 'Restore together with the event “Gala”',
  });
  assert.equal(wayOut(obstacle).ancestors, 'Restore together with the event it belongs to');
});

const taken = {
  code: 'taken', detail: '7 is taken; 8 is free', nextFree: '8', holder: 'x',
  errors: [{ pointer: '/number', message: '7 is taken' }],
};

test('a number that somebody else has now is told with that entry, and leads to it', () => {
  const resource = { id: 'x', contestId: 'k', number: 7, contestantName: 'Ann' };
  assert.deepEqual(wayOut(taken, { holder: { kind: 'entry', resource } }), {
    title: 'Number 7 now belongs to Ann',
    advice: 'Give one of them another number, or leave this one here. 8 is free.',
    link: { text: 'Go to the entry', href: '#/contests/k/entries' },
  });
});

test('a holder that is out of sight is told, and no link leads to where it does not show', () => {
  const resource = { id: 'x', contestId: 'k', number: 7, contestantName: 'Ann', hiddenBy: { type: 'contestant' } };
  const { title, link } = wayOut(taken, { holder: { kind: 'entry', resource } });
  assert.equal(title, 'Number 7 now belongs to Ann, which is out of sight because its contestant is deleted');
  assert.equal(link, undefined);
});

test('as long as the holder is not known, the server’s words stand', () => {
  assert.deepEqual(wayOut(taken), { title: '7 is taken', advice: 'Change the one that has it first. 8 is free.' });
  assert.deepEqual(wayOut({ code: 'new_one', detail: 'this is new' }), { title: 'This is new' });
});
