/** Icons from the sprite; they are decoration, the text beside them or the button's label speaks. */
import { html } from '../lib/view.js';

/**
 * Makes the sprite a part of the page. Icons that are fetched one by one would be missing as soon as the server is
 * away, and a button to close a dialog has nothing else to show.
 */
function fetchSprite() {
  // Of the ways to parse SVG, this is the one that the page's policy (trusted types) leaves open.
  const request = new XMLHttpRequest();
  request.open('GET', new URL('../../vendor/lucide/icons.svg', import.meta.url));
  request.responseType = 'document';
  request.onload = () => {
    if (!request.responseXML) return;
    const sprite = document.importNode(request.responseXML.documentElement, true);
    for (const symbol of sprite.children) symbol.id = `icon-${symbol.id}`;
    sprite.setAttribute('class', 'sprite');
    document.body.append(sprite);
  };
  request.send();
}
fetchSprite();

export function Icon({ name, size = 'm' }) {
  return html`<svg class="icon icon-${size}" aria-hidden="true"><use href="#icon-${name}" /></svg>`;
}
