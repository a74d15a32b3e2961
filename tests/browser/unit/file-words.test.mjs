import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isMoving, isOpen, likelyPurpose, offered, refusalOf, scanOf, sizeOf, storageOf, takenOf, titleOf, typeOf,
} from '../../../static/app/lib/file-words.js';

const rules = { bytesMax: 25_000_000, mediaTypes: ['image/png', 'image/jpeg', 'application/pdf', 'text/csv'] };
const pdf = { name: 'Rules.PDF', type: 'application/pdf', size: 40_000 };

test('the ending of a name tells the type, whatever the browser says', () => {
  assert.equal(typeOf({ name: 'scores.csv', type: 'application/vnd.ms-excel' }), 'text/csv');
  assert.equal(typeOf({ name: 'Rules.PDF', type: '' }), 'application/pdf');
  assert.equal(typeOf({ name: 'photo', type: 'image/png' }), 'image/png');
});

test('a file is called as on the device, without the ending of its type', () => {
  const titles = ['rules.pdf', 'my.notes.txt', 'photo', 'tool.exe', '.pdf'].map((name) => titleOf({ name, type: '' }));
  assert.deepEqual(titles, ['rules', 'my.notes', 'photo', 'tool.exe', '.pdf']);
});

test('sizes are told as people say them', () => {
  assert.deepEqual([0, 640, 12_345, 1_000_000, 3_449_000, 26_214_400, 51_300_000_000].map(sizeOf),
    ['0 bytes', '640 bytes', '12 kB', '1 MB', '3.4 MB', '26 MB', '51 GB']);
});

test('what would not be taken says why, and what would', () => {
  const why = (changes, purpose = 'document') => refusalOf({ ...pdf, ...changes }, purpose, rules);
  assert.equal(why({}), null);
  assert.equal(why({ size: 0 }), 'It is empty.');
  assert.equal(why({ size: 30_000_000 }), 'It is too large: 30 MB. The largest that is taken has 25 MB.');
  assert.match(why({ name: 'a.exe', type: 'application/x-msdownload' }), /none of the types.*: PNG, JPEG, PDF and CSV\.$/);
  assert.equal(why({}, 'photo'), 'A photo is a picture: PNG and JPEG.');
  assert.equal(why({ name: 'a.jpg', type: 'image/jpeg' }, 'photo'), null);
});

test('what is taken is offered by its endings and told by its names', () => {
  assert.equal(offered(rules), '.png,.jpg,.jpeg,.pdf,.csv');
  assert.equal(takenOf(rules), 'PNG, JPEG, PDF and CSV; each up to 25 MB.');
});

test('pictures are photos until somebody says otherwise', () => {
  const png = { name: 'a.png', type: 'image/png' };
  assert.deepEqual([[png], [png, pdf], [pdf]].map(likelyPurpose), ['photo', 'document', 'document']);
});

test('only what is clean is given out, and what was never scanned where nobody asks for that', () => {
  const open = (state) => [false, true].map((required) => isOpen({ state }, required));
  assert.deepEqual(['clean', 'notScanned', 'pending', 'infected', 'failed'].map(open),
    [[true, true], [true, false], [false, false], [false, false], [false, false]]);
});

test('each state of scanning is told in words, with what it means', () => {
  assert.equal(scanOf({ state: 'clean' }, true).why, '');
  assert.match(scanOf({ state: 'pending' }, false).why, /Nobody gets it until/);
  assert.match(scanOf({ state: 'infected', signature: 'Eicar' }, false).why, /found Eicar\. Nobody gets it/);
  assert.equal(scanOf({ state: 'failed', why: 'too large' }, false).why, 'Too large. Nobody gets it.');
  assert.match(scanOf({ state: 'notScanned' }, false).why, /No scanner was set up/);
  assert.match(scanOf({ state: 'notScanned' }, true).why, /upload it once more/);
});

test('where a file is kept besides on the server is told in words, and whether that is about to change', () => {
  assert.equal(storageOf({ state: 'off' }).why, '');
  assert.equal(storageOf({ state: 'kept', target: 's3:house' }).why, 'In s3:house.');
  assert.match(storageOf({ state: 'waiting' }).why, /goes there by itself/);
  assert.match(storageOf({ state: 'fetching' }).why, /Nobody gets it until it is back/);
  assert.match(storageOf({ state: 'failed' }).why, /on this server alone/);
  assert.deepEqual(['off', 'waiting', 'kept', 'fetching', 'failed'].filter((state) => isMoving({ state })),
    ['waiting', 'fetching']);
});
