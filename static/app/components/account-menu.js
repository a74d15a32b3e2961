/** Who is signed in, the theme, and the way out. */
import { html } from '../lib/view.js';
import { nameOf, session, signOut } from '../lib/session.js';
import { setTheme, theme } from '../lib/theme.js';
import { toastError } from '../lib/toasts.js';
import { Icon } from './icon.js';
import { Menu } from './menu.js';

const themes = [['light', 'sun', 'Light'], ['dark', 'moon', 'Dark'], ['system', 'monitor', 'As the system']];

/** The switch between light, dark and the system's preference. */
export function ThemeSwitch() {
  return html`
    <fieldset class="theme-switch">
      <legend class="visually-hidden">Appearance</legend>
      ${themes.map(([value, icon, label]) => html`
        <button type="button" key=${value} aria-pressed=${theme.value === value} title=${label}
          aria-label=${label} onClick=${() => setTheme(value)}><${Icon} name=${icon} /></button>`)}
    </fieldset>`;
}

/** @param {{wide?: boolean}} props wide shows the name beside the picture */
export function AccountMenu({ wide = false }) {
  const name = nameOf(session.value);
  const detail = session.value.user?.email ?? 'By personal link';
  const leave = () => signOut().catch((error) => toastError(error));
  const summary = html`
    <span class="avatar" aria-hidden="true">${initials(name)}</span>
    <span class="visually-hidden">Account of</span>
    ${wide ? html`<span class="account-name">${name}<small>${detail}</small></span>`
      : html`<span class="visually-hidden">${name}</span>`}
    <${Icon} name="chevron-down" size="s" />`;
  return html`
    <${Menu} summary=${summary} kind="account-menu ${wide ? 'wide' : ''}">
      <p class="menu-who"><strong>${name}</strong><span>${detail}</span></p>
      <${ThemeSwitch} />
      <a href="#/account" data-closes><${Icon} name="circle-user-round" />Account</a>
      <a href="docs/" target="_blank"><${Icon} name="info" />Documents</a>
      <button type="button" onClick=${leave}><${Icon} name="log-out" />Sign out</button>
    <//>`;
}

function initials(name) {
  const parts = name.trim().split(/\s+/);
  return [parts[0], ...parts.slice(1).slice(-1)].map((part) => part?.[0] ?? '').join('').toUpperCase();
}
