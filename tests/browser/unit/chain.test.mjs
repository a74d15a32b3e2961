import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAgainAtChainMs, treeOf } from '../../../static/app/lib/chain.js';

const at = (second) => `2027-05-08T22:30:0${second}Z`;
const change = (requestId, second) => ({ kind: 'change', requestId, causedBy: null, at: at(second), change: { count: 1 } });
const job = (causedBy, second, more = {}) => ({
  kind: 'job', requestId: 'job-1', causedBy, at: at(second), job: { state: 'done' }, ...more,
});
const delivery = (id, causedBy, second, state = 'done') => ({
  kind: 'delivery', requestId: `delivery-${id}`, causedBy, at: at(second), delivery: { state },
});

/** A tree as nested lists of request IDs. */
const shape = (nodes) => nodes.map(({ requestId, beneath }) => [requestId, ...shape(beneath)]);

test('a job hangs beneath the request that asked for it, and a delivery beneath what caused it', () => {
  const items = [change('desk', 0), job('desk', 0), change('job-1', 1), delivery('a', 'job-1', 2), delivery('b', 'desk', 3)];
  const tree = treeOf(items);
  assert.deepEqual(shape(tree), [['desk', ['job-1', ['delivery-a']], ['delivery-b']]]);
  const [{ changes, beneath: [work] }] = tree;
  assert.deepEqual([changes.length, work.item.kind, work.changes.length], [1, 'job', 1]);
});

test('a request that is known only by what it caused stands at its time among the others', () => {
  const items = [change('first', 0), delivery('a', 'unknown', 1), change('last', 2)];
  assert.deepEqual(shape(treeOf(items)), [['first'], ['unknown', ['delivery-a']], ['last']]);
});

test('what names one another in a circle is all there', () => {
  const items = [job('delivery-a', 0), delivery('a', 'job-1', 1)];
  assert.deepEqual(shape(treeOf(items)), [['delivery-a', ['job-1']]]);
  assert.deepEqual(shape(treeOf([job('job-1', 0)])), [['job-1']]);
});

test('one looks again as long as a job or a delivery is not over', () => {
  assert.equal(lookAgainAtChainMs([change('desk', 0), job('desk', 0), delivery('a', 'desk', 1)]), null);
  assert.equal(lookAgainAtChainMs([job('desk', 0, { job: { state: 'running' } })]), 3_000);
  assert.equal(lookAgainAtChainMs([job('desk', 0, { job: undefined })]), null);
  assert.equal(lookAgainAtChainMs([delivery('a', 'desk', 1, 'running')]), 3_000);
});
