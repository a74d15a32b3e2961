/** The frame of the pages before one is signed in. */
import { html, useEffect } from '../lib/view.js';
import { branding } from '../lib/branding.js';
import { ThemeSwitch } from './account-menu.js';
import { Logo } from './brand.js';

export function Entrance({ title, intro, children }) {
  useEffect(() => {
    document.title = `${title} · Event Manager`;
  }, [title]);
  return html`
    <div class="entrance">
      <main id="main" class="entrance-card" tabIndex="-1">
        <div class="entrance-brand">
          <${Logo} plain=${html`<img class="entrance-mark" src="favicon.svg" alt="" width="48" height="48" />`} />
          ${branding.value.displayName && html`<strong>${branding.value.displayName}</strong>`}
        </div>
        <h1 tabIndex="-1">${title}</h1>
        <p class="page-intro">${intro}</p>
        ${children}
      </main>
      <${ThemeSwitch} />
    </div>`;
}
