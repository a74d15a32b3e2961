/** A message as its recipient would see it: the mail as a picture of it, its plain text, and the text message. */
import { mailTree } from '../lib/mail-tree.js';
import { html, useEffect, useRef } from '../lib/view.js';

/** @param {{look: {subject: string, text: string, html: string, sms: string|null}}} props as the server made it */
export function MessagePreview({ look }) {
  return html`
    <div class="message-preview">
      <p><strong>Subject:</strong> ${look.subject}</p>
      <${MailPicture} mail=${look.html} />
      <details class="disclosure"><summary>As plain text</summary><pre class="code-text">${look.text}</pre></details>
      ${look.sms && html`<p><strong>As a text message:</strong> ${look.sms}</p>`}
    </div>`;
}

/** The mail without what could be followed, apart from the styles of the page. */
function MailPicture({ mail }) {
  const host = useRef(null);
  useEffect(() => {
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    root.replaceChildren(...mailTree(mail).map(drawn));
  }, [mail]);
  return html`<div class="mail-picture" ref=${host} inert aria-hidden="true" />`;
}

function drawn(node) {
  if (typeof node === 'string') return document.createTextNode(node);
  const element = document.createElement(node.name);
  element.style.cssText = node.style;
  element.append(...node.children.map(drawn));
  return element;
}
