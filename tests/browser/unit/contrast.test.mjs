import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBeAccent, contrast, textOn } from '../../../static/app/lib/contrast.js';

test('contrasts are those of WCAG', () => {
  assert.equal(contrast('#ffffff', '#000000'), 21);
  assert.ok(Math.abs(contrast('#767676', '#ffffff') - 4.54) < 0.01);
});

test('a colour is shown only if the server would take it', () => {
  for (const colour of ['#c2410c', '#0f766e', '#6c74e8', '#D6336C']) assert.ok(canBeAccent(colour), colour);
  for (const text of ['#ffff00', '#000080', '', 'red', '#fff', '#0f766e;}']) assert.ok(!canBeAccent(text), text);
});

test('texts on an accent colour are white or black, whichever is read better', () => {
  assert.equal(textOn('#0f766e'), '#ffffff');
  assert.equal(textOn('#8a8fa0'), '#000000');
});
