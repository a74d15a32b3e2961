import assert from 'node:assert/strict';
import { test } from 'node:test';
import { madeBy, shapeOf } from '../../../static/app/lib/templates.js';

const template = (...types) => ({ parts: types.map((type) => ({ type })) });

test('a template says what it makes', () => {
  assert.equal(shapeOf(template('event', 'contest', 'category', 'criterion', 'criterion', 'category')),
    'An event with 1 contest, 2 categories and 2 criteria');
  assert.equal(shapeOf(template('category', 'criterion')), 'A category with 1 criterion');
  assert.equal(shapeOf(template('event')), 'An event');
  assert.equal(madeBy(template('contest', 'category')), 'contest');
});
