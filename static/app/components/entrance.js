/** The frame of the pages before one is signed in. */
import { html, useEffect } from '../lib/view.js';
import { ThemeSwitch } from './account-menu.js';

export function Entrance({ title, intro, children }) {
  useEffect(() => {
    document.title = `${title} · Event Manager`;
  }, [title]);
  return html`
    <div class="entrance">
      <main id="main" class="entrance-card" tabIndex="-1">
        <img class="entrance-mark" src="favicon.svg" alt="" width="48" height="48" />
        <h1 tabIndex="-1">${title}</h1>
        <p class="page-intro">${intro}</p>
        ${children}
      </main>
      <${ThemeSwitch} />
    </div>`;
}
