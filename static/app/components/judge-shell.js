/** What surrounds the judge's pages: little, so that the sheet has the screen. */
import { html } from '../lib/view.js';
import { branding } from '../lib/branding.js';
import { judgesOnly, session } from '../lib/session.js';
import { AccountMenu } from './account-menu.js';
import { ActingBanner } from './acting-banner.js';
import { Logo } from './brand.js';
import { Button } from './button.js';
import { skip } from './shell.js';

export function JudgeShell({ children }) {
  const { judge, tenant } = session.value;
  return html`
    <a class="skip-link" href="#main" onClick=${skip}>Skip to content</a>
    <div class="judge-shell">
      <header class="judge-bar">
        <a class="brand" href="#/judge">
          <${Logo} />
          <span><strong>${judge?.name ?? 'Judging'}</strong><small>${branding.value.displayName ?? tenant.name}</small></span>
        </a>
        ${!judgesOnly.value && html`<${Button} kind="quiet" icon="arrow-left" href="#/">Administration<//>`}
        <${AccountMenu} />
      </header>
      <${ActingBanner} />
      <main id="main" class="judge-main" tabIndex="-1">${children}</main>
    </div>`;
}
