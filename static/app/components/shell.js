/** What surrounds every page of the administration: navigation, tenant, account. */
import { html, useEffect, useRef, useState } from '../lib/view.js';
import { branding } from '../lib/branding.js';
import { isAt, places } from '../lib/places.js';
import { path } from '../lib/router.js';
import { session } from '../lib/session.js';
import { AccountMenu } from './account-menu.js';
import { ActingBanner } from './acting-banner.js';
import { Logo, productMark } from './brand.js';
import { IconButton } from './button.js';
import { Icon } from './icon.js';
import { SearchDialog, SearchOpener, useSearchKeys } from './search-dialog.js';

function Navigation() {
  return html`
    <nav class="navigation" aria-label="Main">
      <ul>${places().map((item) => html`
        <li key=${item.href}>
          <a href=${item.href} aria-current=${isAt(item, path.value) ? 'page' : null}>
            <${Icon} name=${item.icon} /><span>${item.label}</span>
          </a>
        </li>`)}</ul>
    </nav>`;
}

function Brand() {
  return html`
    <a class="brand" href="#/">
      <${Logo} plain=${productMark} />
      <span><strong>${branding.value.displayName ?? 'Event Manager'}</strong><small>${session.value.tenant.name}</small></span>
    </a>`;
}

export function Shell({ children }) {
  const [open, setOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const drawer = useRef(null);
  useSearchKeys(() => setSearching(true));
  const opener = (small) => html`<${SearchOpener} small=${small} onOpen=${() => setSearching(true)} />`;
  useEffect(() => setOpen(false), [path.value]);
  useEffect(() => {
    if (open) drawer.current.showModal();
    else drawer.current.close();
  }, [open]);
  return html`
    <a class="skip-link" href="#main" onClick=${skip}>Skip to content</a>
    <div class="shell">
      <header class="top-bar">
        <${IconButton} icon="menu" label="Open navigation" onClick=${() => setOpen(true)} />
        <${Brand} />
        ${opener(true)}
        <${AccountMenu} />
      </header>
      <div class="side-bar"><${Brand} />${opener(false)}<${Navigation} /><${AccountMenu} wide /></div>
      ${searching && html`<${SearchDialog} onClose=${() => setSearching(false)} />`}
      <dialog class="drawer" ref=${drawer} aria-label="Navigation" onClose=${() => setOpen(false)}
        onClick=${(event) => event.target === drawer.current && setOpen(false)}>
        <div class="drawer-content">
          <${Brand} /><${Navigation} />
          <${IconButton} icon="x" label="Close navigation" onClick=${() => setOpen(false)} />
        </div>
      </dialog>
      <div class="page-column">
        <${ActingBanner} />
        <main id="main" class="content" tabIndex="-1">${children}</main>
      </div>
    </div>`;
}

/** The hash holds the route, so the skip link moves the focus itself. */
export function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
