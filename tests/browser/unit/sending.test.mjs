import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { sendTold } from '../../../static/app/lib/sending.js';

/** The browser's request, as far as it is used; `ends` is how it ends. */
function requestThat(ends) {
  globalThis.XMLHttpRequest = class {
    upload = {};
    headers = [];
    open(method, address) { this.opened = [method, address]; }
    setRequestHeader(...header) { this.headers.push(header); }
    getAllResponseHeaders() { return 'x-request-id: abc\r\nx-note: a: b\r\n'; }
    abort() { this.onabort(); }
    send() { ends(this); }
  };
}

afterEach(() => delete globalThis.XMLHttpRequest);

const request = (signal) => ({ method: 'POST', headers: { accept: '*/*' }, body: null, signal });

test('an answer comes as fetch gives it, and how far the body is was told before', async () => {
  requestThat((sent) => {
    sent.upload.onprogress({ loaded: 7 });
    Object.assign(sent, { status: 422, responseText: '{"code":"invalid"}' }).onload();
  });
  const told = [];
  const response = await sendTold('/files', request(new AbortController().signal), (bytes) => told.push(bytes));
  assert.deepEqual(told, [7]);
  assert.deepEqual([response.status, response.ok, response.headers.get('x-note')], [422, false, 'a: b']);
  assert.deepEqual(await response.json(), { code: 'invalid' });
});

test('without an answer it fails, and when it is stopped it fails for that reason', async () => {
  requestThat((sent) => sent.onerror());
  await assert.rejects(sendTold('/files', request(new AbortController().signal), () => {}), TypeError);
  const stopping = new AbortController();
  requestThat(() => stopping.abort());
  await assert.rejects(sendTold('/files', request(stopping.signal), () => {}), { name: 'AbortError' });
});
