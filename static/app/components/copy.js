/** Text that one click copies: request IDs, setup codes, tokens. */
import { html, useState } from '../lib/view.js';
import { shortId } from '../lib/format.js';
import { toast } from '../lib/toasts.js';
import { Icon } from './icon.js';

/** Puts text on the clipboard, also where the page has no secure context (a plain-HTTP box on a LAN). */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  // Inside an open dialog the rest of the page is inert and could not be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

/**
 * @param {{text: string, label: string, short?: boolean, shown?: string}} props label says what the text is; `shown`
 * stands for it where it is long
 */
export function Copyable({ text, label, short = true, shown }) {
  const [copied, setCopied] = useState(false);
  const run = async () => {
    try {
      await copy(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch {
      toast(`${label}: ${text}`);
    }
  };
  return html`
    <button type="button" class="copyable ${short ? 'short' : ''}" onClick=${run} title="Copy ${label} ${text}">
      <span class="visually-hidden">Copy ${label} </span>
      ${shown ?? html`<code>${short ? shortId(text) : text}</code>`}<${Icon} name=${copied ? 'check' : 'copy'} size="s" />
      <span class="visually-hidden" role="status">${copied ? 'Copied' : ''}</span>
    </button>`;
}
