import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptOf, kindLabel, languageLabel, typedOf } from '../../../static/app/lib/wording-words.js';

const builtIn = { subject: 'Hello', text: 'All is well.', sms: null };

test('a form begins with one’s own words, and with the built-in ones where there are none', () => {
  assert.deepEqual(typedOf({ subject: 'Hi', text: null, sms: null }, builtIn), { subject: 'Hi', text: 'All is well.', sms: '' });
  assert.deepEqual(typedOf(null, builtIn), { subject: 'Hello', text: 'All is well.', sms: '' });
});

test('only what differs from the built-in text is kept', () => {
  assert.deepEqual(keptOf({ subject: 'Hello', text: 'Fine.', sms: ' ' }, builtIn), { subject: null, text: 'Fine.', sms: null });
  assert.deepEqual(keptOf({ subject: 'Hello', text: '', sms: '' }, null), { subject: 'Hello', text: null, sms: null });
});

test('kinds and languages have names, and one that is not known goes by its tag', () => {
  assert.equal(kindLabel('judge_link'), 'Judge link');
  assert.equal(kindLabel('sung'), 'sung');
  assert.equal(languageLabel('de-AT'), 'Austrian German');
  assert.equal(languageLabel('_'), '_');
});
