import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changed, filtersOf, isNarrowed, logPathOf, mayBeId, searchedFor, searchKey, stretchOf, windowOf,
} from '../../../static/app/lib/log-query.js';

const query = (text) => new URLSearchParams(text);
const now = Date.parse('2027-05-08T22:30:00Z');

test('a single word of eight or more letters, digits, dots and dashes may be an ID; anything else is text', () => {
  for (const id of ['01a216ed-fc75-747e-8cc2-f6d5c4cdbbb1', 'audit-seal-01a2', 'the-finale', 'a.b_c-123']) {
    assert.ok(mayBeId(id), id);
  }
  for (const text of ['desk-7', 'the finale', 'GET /api/v1/events', '', 'größer-als']) assert.ok(!mayBeId(text), text);
});

test('what is pasted loses the space around it, and of a traceparent the trace is searched for', () => {
  assert.equal(searchedFor(' the-finale\n'), 'the-finale');
  assert.equal(searchedFor('00-01a216edfc75747e8cc2f6d68729f847-8cc2f6d7c6866ade-01'), '01a216edfc75747e8cc2f6d68729f847');
});

test('the time is the last day unless the address says otherwise', () => {
  assert.deepEqual(windowOf(query(''), now), { from: now - 86_400_000, until: null });
  assert.deepEqual(windowOf(query('last=15m'), now), { from: now - 900_000, until: null });
  assert.deepEqual(windowOf(query('last=all'), now), { from: null, until: null });
  const custom = query('from=2027-05-08T20:00:00Z&until=2027-05-08T21:00:00Z');
  assert.equal(stretchOf(custom), 'custom');
  assert.deepEqual(windowOf(custom, now), { from: now - 9_000_000, until: now - 5_400_000 });
  assert.deepEqual(windowOf(query('from=nonsense'), now), { from: null, until: null });
});

test('the server is asked for what the address says, and for the text as what it is taken for', () => {
  const asked = query('search=%20the-finale%20&level=warn&follow=1&request=x&last=1h&minDurationMs=500');
  assert.deepEqual(filtersOf(asked, 'id'), { level: 'warn', minDurationMs: '500', id: 'the-finale' });
  assert.deepEqual(filtersOf(asked, 'q'), { level: 'warn', minDurationMs: '500', q: 'the-finale' });
  assert.deepEqual(filtersOf(query('level='), 'q'), {});
  assert.deepEqual([isNarrowed(asked), isNarrowed(query('last=1h'))], [true, false]);
});

test('following the log or opening a request searches for nothing else', () => {
  assert.equal(searchKey(query('kind=http')), searchKey(query('request=x&kind=http&follow=1')));
  assert.notEqual(searchKey(query('kind=http')), searchKey(query('kind=job')));
});

test('an address is changed in parts, and what is empty leaves it', () => {
  assert.equal(changed(query('kind=http&level=warn'), { level: '', status: '5xx' }), '/logs?kind=http&status=5xx');
  assert.equal(changed(query('kind=http'), { kind: null }), '/logs');
  assert.equal(logPathOf('a&b'), '/logs?search=a%26b&last=all');
});
