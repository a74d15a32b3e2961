/** The frame of every page: breadcrumbs, heading, actions. */
import { html, useEffect, useRef } from '../lib/view.js';
import { Icon } from './icon.js';

/**
 * @param {{
 *   title: string, badges?: any, intro?: any, actions?: any,
 *   crumbs?: {label: string, href: string}[],
 * }} props crumbs lead from the top to the page above this one
 */
export function Page({ title, badges, intro, actions, crumbs = [], children }) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = `${title} · Event Manager`;
  }, [title]);
  useEffect(() => {
    if (document.activeElement?.matches('main')) heading.current.focus({ preventScroll: true });
  }, []);
  return html`
    ${crumbs.length > 0 && html`
      <nav class="crumbs" aria-label="Breadcrumbs"><ol>
        ${crumbs.map(({ label, href }) => html`
          <li key=${href}><a href=${href}>${label}</a><${Icon} name="chevron-right" size="s" /></li>`)}
        <li aria-current="page">${title}</li>
      </ol></nav>`}
    <header class="page-header">
      <div class="page-heading">
        <h1 tabIndex="-1" ref=${heading}>${title}</h1>
        ${badges && html`<div class="badges">${badges}</div>`}
        ${intro && html`<div class="page-intro">${intro}</div>`}
      </div>
      ${actions && html`<div class="page-actions">${actions}</div>`}
    </header>
    ${children}`;
}

/** A titled part of a page. */
export function Section({ title, actions, children }) {
  return html`
    <section class="section">
      <header class="section-header"><h2>${title}</h2>${actions && html`<div class="actions">${actions}</div>`}
      </header>
      ${children}
    </section>`;
}
