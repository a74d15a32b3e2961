import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOver, progressOf, stateOf, summaryOf, titleOf, undoingMeans } from '../../../static/app/lib/job-words.js';

const bulk = { id: 'b', task: { type: 'bulk', name: 'delete 3 judges' }, state: 'done', done: 3, total: 3, failed: 0 };

test('a job is called by what it does', () => {
  assert.equal(titleOf(bulk), 'Delete 3 judges');
  const undo = { task: { type: 'undo', job: 'b' } };
  assert.equal(titleOf(undo), 'Take back what another job did');
  assert.equal(titleOf(undo, () => bulk), 'Take back: Delete 3 judges');
  assert.match(titleOf({ task: { type: 'storage' } }), /^Bring object storage in line/);
  assert.equal(titleOf({ task: { type: 'purge', kind: 'event', name: 'Gala' } }), 'Destroy the event “Gala” for good');
});

test('a job that left something out is not simply done', () => {
  assert.equal(stateOf(bulk).text, 'Done');
  assert.equal(stateOf({ ...bulk, failed: 1 }).text, 'Done in part');
  assert.equal(summaryOf({ ...bulk, failed: 1 }), 'Of 3 changes, 1 could not be made.');
});

test('what was stopped or failed says what that means', () => {
  assert.equal(summaryOf({ ...bulk, state: 'cancelled', done: 1 }), 'It was stopped; what it had done stays. 1 change made.');
  assert.equal(summaryOf({ ...bulk, state: 'failed', detail: 'this needs the permission bulk.run', done: 0 }),
    'This needs the permission bulk.run. 0 changes made.');
  const purge = { ...bulk, task: { type: 'purge' }, done: 1202 };
  assert.equal(summaryOf(purge), '1202 things destroyed.');
  assert.equal(summaryOf({ ...bulk, task: { type: 'storage' } }), '3 transfers begun.');
  assert.deepEqual(['waiting', 'running', 'done', 'failed', 'cancelled'].filter((state) => isOver({ state })),
    ['done', 'failed', 'cancelled']);
});

test('progress has an end only where somebody knows it', () => {
  assert.deepEqual(progressOf({ ...bulk, done: 1 }), { value: 1, max: 3, text: '1 of 3' });
  assert.deepEqual(progressOf({ done: 256, total: null, state: 'running' }), { value: 256, max: null, text: '256 so far' });
  assert.equal(progressOf({ done: 0, total: null, state: 'waiting' }).text, 'Not begun');
});

test('taking back is explained by what the job did', () => {
  assert.match(undoingMeans(bulk), /^What it created is deleted/);
  assert.equal(undoingMeans({ task: { type: 'undo' } }), 'What was taken back is done again.');
});
