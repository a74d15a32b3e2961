import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mailTree } from '../../../static/app/lib/mail-tree.js';

const element = (name, style, ...children) => ({ name, style, children });

test('the elements of a mail become a tree with their styles and without their links', () => {
  const mail = '<!doctype html><html><head><title>x</title><style>.a{}</style></head><body class="page" style="margin:0">'
    + '<div style="color:red"><p style="font-family:&#39;X&#39;">A &amp; B<br>\n<a href="https://a.test/" style="color:inherit">c</a></p></div></body></html>';
  assert.deepEqual(mailTree(mail), [
    element('div', 'color:red', element('p', "font-family:'X'", 'A & B', element('br', ''), '\n', element('a', 'color:inherit', 'c'))),
  ]);
});

test('what is written as text stays text, and what is not known is left out', () => {
  assert.deepEqual(mailTree('<body>&lt;script&gt;<script>x</script><img src="y"></body>'), ['<script>', 'x']);
});
