/** Buttons and links that look like them. */
import { html } from '../lib/view.js';
import { Icon } from './icon.js';

/**
 * @param {{icon?: string, kind?: 'primary'|'plain'|'quiet'|'danger', busy?: boolean, href?: string}} props the
 * rest goes to the element
 */
export function Button({ icon, kind = 'plain', busy = false, href, children, ...rest }) {
  const content = html`${icon && html`<${Icon} name=${icon} />`}<span>${children}</span>`;
  if (href) return html`<a class="button ${kind}" href=${href} ...${rest}>${content}</a>`;
  return html`
    <button type="button" class="button ${kind}" ...${rest} disabled=${rest.disabled || busy} aria-busy=${busy}>
      ${content}
    </button>`;
}

/** A button, or with `href` a link, that shows only an icon; the label is for screen readers and the tooltip. */
export function IconButton({ icon, label, kind = 'quiet', href, ...rest }) {
  if (href) {
    return html`<a class="icon-button ${kind}" href=${href} aria-label=${label} title=${label} ...${rest}>
      <${Icon} name=${icon} /></a>`;
  }
  return html`
    <button type="button" class="icon-button ${kind}" aria-label=${label} title=${label} ...${rest}>
      <${Icon} name=${icon} />
    </button>`;
}
