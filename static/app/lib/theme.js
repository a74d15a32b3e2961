/** Light, dark, or as the system prefers. `apply-theme.js` sets the choice before the first paint. */
import { signal } from './view.js';

const key = 'event-manager:theme';
const root = document.documentElement;

/** `light`, `dark` or `system`. */
export const theme = signal(root.dataset.theme ?? 'system');

export function setTheme(value) {
  theme.value = value;
  if (value === 'system') delete root.dataset.theme;
  else root.dataset.theme = value;
  try {
    if (value === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage can be forbidden; the choice then lasts until the page is closed.
  }
}
