import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerTimes, traceRows } from '../../../static/app/lib/trace-tree.js';

const span = (id, parentId, layer, startUs, durationUs, ownUs) => ({
  id, parentId, layer, name: id, startUs, durationUs, ownUs, failed: false, fields: {},
});
const shape = (spans) => traceRows(spans).rows.map(({ name, depth }) => [name, depth]);

test('each span lies beneath what caused it, and what was caused outside lies at the top', () => {
  const spans = [
    span('request', 'of-a-caller', 'http', 0, 100, 40), span('service', 'request', 'service', 10, 60, 60),
    span('other request', null, 'http', 50, 10, 10), span('delivery', 'request', 'outbound', 5_000, 300, 300),
  ];
  assert.deepEqual(shape(spans), [['request', 0], ['service', 1], ['delivery', 1], ['other request', 0]]);
  assert.equal(traceRows(spans).totalUs, 5_300);
});

test('a span that names itself as its cause does not hide', () => {
  assert.deepEqual(shape([span('a', 'a', 'http', 0, 1, 1)]), [['a', 0]]);
  assert.equal(traceRows([]).totalUs, 0);
});

test('the time of layers is what they did themselves, the longest first', () => {
  const spans = [span('a', null, 'http', 0, 100, 30), span('b', 'a', 'store', 0, 70, 70), span('c', null, 'http', 0, 5, 5)];
  assert.deepEqual(layerTimes(spans), [['store', 70], ['http', 35]]);
});
