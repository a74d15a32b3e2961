import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded, tableOf } from '../../../static/app/lib/table-text.js';

test('letters with accents are read right in whatever a spreadsheet writes', () => {
  assert.equal(decoded(new TextEncoder().encode('Zoë Łuk')), 'Zoë Łuk');
  assert.equal(decoded(new TextEncoder().encode('\uFEFFZoë')), 'Zoë');
  assert.equal(decoded(Uint8Array.from([0x5a, 0x6f, 0xeb])), 'Zoë', 'Windows-1252');
  assert.equal(decoded(Uint8Array.from([0xff, 0xfe, 0x5a, 0, 0xeb, 0])), 'Zë', 'UTF-16');
});

test('a workbook is not taken for a table', () => {
  assert.equal(decoded(Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0])), null);
});

test('the heading tells what separates the cells', () => {
  for (const text of ['name,no\nAnn,1\n', '\uFEFFname;no\r\nAnn;1\r\n', ' name \tno\nAnn\t1\n\t\n\n']) {
    assert.deepEqual(tableOf(text), { headings: ['name', 'no'], rows: [['Ann', '1']] });
  }
});

test('a cell in quotation marks holds anything', () => {
  assert.deepEqual(tableOf('name\n"Ann, ""Annie""\nBell"\n').rows, [['Ann, "Annie"\nBell']]);
});

test('nothing is a table without headings', () => {
  assert.deepEqual(tableOf(''), { headings: [], rows: [] });
});
