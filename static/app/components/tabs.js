/** Tabs whose every tab has an address: they are links, so that back, reload and sharing work. */
import { html, useEffect, useRef } from '../lib/view.js';

/** @param {{label: string, tabs: {key: string, label: string, href: string}[], current: string}} props */
export function Tabs({ label, tabs, current }) {
  const ref = useRef(null);
  useEffect(() => {
    ref.current.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return html`
    <nav class="tabs" aria-label=${label} ref=${ref}>
      ${tabs.map((tab) => html`
        <a key=${tab.key} href=${tab.href} aria-current=${tab.key === current ? 'page' : null}>${tab.label}</a>`)}
    </nav>`;
}
