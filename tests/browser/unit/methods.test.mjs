import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { methods, roundingModes, roundingPoints, tieBreaks } from '../../../static/app/lib/methods.js';

const source = (file) => readFile(new URL(`../../../src/domain/scoring/${file}`, import.meta.url), 'utf8');

/** The variants of an enum in Rust, as they are written in JSON. */
async function variants(file, name) {
  const [, body] = new RegExp(`pub enum ${name} \\{(.*?)\\n\\}`, 's').exec(await source(file));
  return [...body.matchAll(/^ {4}([A-Z]\w*)/gm)].map(([, word]) => word[0].toLowerCase() + word.slice(1));
}

test('every method that the server knows has words and settings, and there is no other', async () => {
  assert.deepEqual(Object.keys(methods).sort(), (await variants('method.rs', 'Method')).sort());
  for (const { label, explanation, settings } of Object.values(methods)) {
    assert.ok(label && explanation.endsWith('.'));
    for (const { path, type } of settings) assert.ok(path.length > 0 && type);
  }
});

test('every tie-break and every way of rounding has words, and there is no other', async () => {
  assert.deepEqual(Object.keys(tieBreaks).sort(), (await variants('tie_break.rs', 'TieBreak')).sort());
  assert.deepEqual(Object.keys(roundingModes).sort(), (await variants('rounding.rs', 'RoundingMode')).sort());
});

test('where numbers can be rounded depends on what is left out', () => {
  const points = (per) => roundingPoints(per).map(([point]) => point);
  assert.deepEqual(points('judgeTotal'), ['criterionWeighted', 'judgeTotal', 'finalTotal']);
  assert.deepEqual(points('criterion'), ['criterionPanel', 'criterionWeighted', 'finalTotal']);
  assert.deepEqual(points(undefined), points('judgeTotal'));
});
