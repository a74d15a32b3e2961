import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waterfallOf } from '../../../static/app/lib/waterfall.js';

const shape = ({ rows }) => rows.map(({ name, depth, selfUs }) => [name, depth, selfUs]);

test('steps lie beneath the one that holds them, however they are told, and have what is left as their own', () => {
  const fall = waterfallOf({ durationUs: 100, spans: [['store', 30, 40], ['service', 10, 80], ['render', 92, 6]] }, 'GET');
  assert.deepEqual(shape(fall), [['GET', 0, 14], ['service', 1, 40], ['store', 2, 40], ['render', 1, 6]]);
  assert.equal(fall.totalUs, 100);
});

test('steps that overlap count once', () => {
  const fall = waterfallOf({ durationUs: 100, spans: [['a', 0, 60], ['b', 40, 40]] }, 'GET');
  assert.deepEqual(shape(fall), [['GET', 0, 20], ['a', 1, 60], ['b', 1, 40]]);
});

test('two steps of the same time lie beneath one another', () => {
  const fall = waterfallOf({ durationUs: 10, spans: [['inner', 2, 5], ['outer', 2, 6]] }, 'GET');
  assert.deepEqual(shape(fall), [['GET', 0, 4], ['outer', 1, 1], ['inner', 2, 5]]);
});

test('a request without steps is one bar, and a step that ends behind it makes it longer', () => {
  assert.deepEqual(shape(waterfallOf({ durationUs: 7 }, 'GET')), [['GET', 0, 7]]);
  assert.equal(waterfallOf({ durationUs: 10, spans: [['a', 5, 6]] }, 'GET').totalUs, 11);
});
