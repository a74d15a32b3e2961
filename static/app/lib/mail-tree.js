/** The HTML of a mail as a tree: the page's policy lets no text become elements, and the server writes few of them. */

const known = new Set(['div', 'p', 'h1', 'ul', 'li', 'table', 'tr', 'td', 'a', 'br']);
const signs = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => signs[name]);

/**
 * The elements in the body of a mail, as the server writes them.
 * @param {string} mail
 * @returns {(string|{name: string, style: string, children: any[]})[]} texts and elements; what is not known is left out,
 * and what it holds stands in its place
 */
export function mailTree(mail) {
  const body = mail.slice(mail.indexOf('<body')).replace(/<\/body>.*$/s, '');
  const root = { name: 'root', style: '', children: [] };
  const open = [root];
  for (const [, end, name, attributes, text] of body.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>|([^<]+)/g)) {
    const inner = open.at(-1);
    if (text !== undefined) inner.children.push(plain(text));
    else if (!known.has(name)) continue;
    else if (end) open.pop();
    else {
      const element = { name, style: plain(/ style="([^"]*)"/.exec(attributes)?.[1] ?? ''), children: [] };
      inner.children.push(element);
      if (name !== 'br') open.push(element);
    }
  }
  return root.children;
}
