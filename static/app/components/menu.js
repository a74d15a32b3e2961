/** A button that unfolds a few actions; closes on Escape, outside clicks and navigation. */
import { html, useEffect, useRef } from '../lib/view.js';
import { path } from '../lib/router.js';

/** Lets the actions begin where the button begins if they would otherwise stick out of the page. */
function place(menu) {
  const content = menu.querySelector('.menu-content');
  content.classList.remove('from-start');
  const page = menu.closest('main') ?? document.documentElement;
  const outside = content.getBoundingClientRect().left < page.getBoundingClientRect().left;
  content.classList.toggle('from-start', menu.open && outside);
}

/** @param {{summary: any, kind?: string}} props */
export function Menu({ summary, kind = '', children }) {
  const menu = useRef(null);
  const close = () => {
    menu.current.open = false;
  };
  useEffect(close, [path.value]);
  useEffect(() => {
    const outside = (event) => menu.current.contains(event.target) || close();
    const escape = (event) => {
      if (event.key !== 'Escape' || !menu.current.open) return;
      close();
      menu.current.querySelector('summary').focus();
    };
    addEventListener('pointerdown', outside);
    addEventListener('keydown', escape);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('keydown', escape);
    };
  }, []);
  const chosen = (event) => event.target.closest('[data-closes]') && close();
  return html`
    <details class="menu ${kind}" ref=${menu} onClick=${chosen}
      onToggle=${({ currentTarget }) => place(currentTarget)}>
      <summary>${summary}</summary>
      <div class="menu-content">${children}</div>
    </details>`;
}
