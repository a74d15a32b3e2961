import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  figure, figures, formatDecimal, markFault, parseDecimal, stepMark, weightedTotal,
} from '../../../static/app/lib/decimal.js';

const half = { minimum: '0', maximum: '10', step: '0.5' };

test('a decimal is read with a point or a comma, and with blanks around it', () => {
  for (const [text, units] of [
    ['9', 9_000_000n], ['9.5', 9_500_000n], ['9,5', 9_500_000n], [' 0.000001 ', 1n], ['-2.25', -2_250_000n],
    ['.5', 500_000n], ['7.', 7_000_000n], ['007', 7_000_000n], ['-0', 0n],
  ]) assert.equal(parseDecimal(text), units, text);
});

test('what is no decimal is told from zero', () => {
  for (const text of [
    '', ' ', '.', ',', '-', '1e3', '0x10', '1 000', '1.2.3', 'NaN', '+1', '1.0000001', '1234567890123', null, undefined,
  ]) assert.equal(parseDecimal(text), null, String(text));
});

test('a decimal is written as short as possible', () => {
  for (const [text, shortest] of [
    ['9.50', '9.5'], ['9,0', '9'], ['-0.250', '-0.25'], ['-0', '0'], ['0.000001', '0.000001'], ['007', '7'],
    ['999999999999.999999', '999999999999.999999'],
  ]) assert.equal(formatDecimal(parseDecimal(text)), shortest, text);
});

test('a mark must be a number within the range and on the grid, which begins at the lowest mark', () => {
  assert.equal(markFault('8.5', half), null);
  assert.equal(markFault('8,50', half), null);
  assert.equal(markFault('', half), 'Enter a number.');
  assert.equal(markFault('10.5', half), 'Enter a mark from 0 to 10.');
  assert.equal(markFault('-0.5', half), 'Enter a mark from 0 to 10.');
  assert.equal(markFault('8.7', half), 'Marks go in steps of 0.5.');
  const odd = { minimum: '1', maximum: '9', step: '2' };
  assert.equal(markFault('3', odd), null);
  assert.equal(markFault('4', odd), 'Marks go in steps of 2.');
  const below = { minimum: '-3', maximum: '3', step: '0.1' };
  assert.equal(markFault('-2.9', below), null);
  assert.equal(markFault('0.3', below), null, 'no binary fraction gets in the way');
});

test('stepping stays within the range; without a mark it begins at the near end', () => {
  assert.equal(stepMark(null, 1, half), '0');
  assert.equal(stepMark(null, -1, half), '10');
  assert.equal(stepMark('8.5', 1, half), '9');
  assert.equal(stepMark('0', -1, half), '0');
  assert.equal(stepMark('10', 1, half), '10');
  assert.equal(stepMark('9.9', 1, { ...half, step: '0.25' }), '10');
  assert.equal(stepMark('0.2', 1, { ...half, step: '0.1' }), '0.3');
});

test('a weighted total is exact', () => {
  assert.equal(weightedTotal([]), '0');
  assert.equal(weightedTotal([['8.5', '2'], ['9', '1']]), '26');
  assert.equal(weightedTotal([['0.1', '1'], ['0.2', '1']]), '0.3');
  assert.equal(weightedTotal([['0.000001', '0.000001']]), '0.000000000001');
  assert.equal(weightedTotal([['-2.5', '3'], ['1', '0.5']]), '-7');
});

test('a fraction is read as a decimal that is cut off, not rounded up to a total nobody has', () => {
  for (const [text, read] of [
    ['26', '26'], ['-8.75', '-8.75'], ['52/3', '17.3333…'], ['-1/3', '-0.3333…'], ['1/30000', '0.0000…'],
    ['299999/30000', '9.9999…'],
  ]) assert.equal(figure(text), read);
});

test('two fractions whose first digits are the same are told as fractions', () => {
  assert.deepEqual(figures('52/3', '17'), ['17.3333…', '17']);
  assert.deepEqual(figures('1000000/3', '999999/3'), ['333333.3333…', '333333.0000…']);
  assert.deepEqual(figures('100000/300001', '100000/300002'), ['100000/300001', '100000/300002']);
});
