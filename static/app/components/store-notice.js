/** Says on every page that nothing can be changed at the moment, and goes away by itself. */
import { html, useEffect } from '../lib/view.js';
import { askStoreState, storeTrouble } from '../lib/store-state.js';
import { Icon } from './icon.js';

const causes = {
  disk_full: 'The disk of the server is full.',
  low_space: 'The disk of the server is nearly full.',
  io_error: 'The disk of the server fails.',
  damaged: 'The data file of the server is damaged.',
};

/** How often a server is asked while nobody else does, in milliseconds. */
const inTrouble = 5_000;
const otherwise = 60_000;

export function StoreNotice() {
  const trouble = storeTrouble.value;
  useEffect(() => {
    const timer = setInterval(() => document.hidden || askStoreState(), trouble ? inTrouble : otherwise);
    return () => clearInterval(timer);
  }, [trouble]);
  return html`
    <div role="status">${trouble && html`
      <div class="store-notice">
        <${Icon} name="triangle-alert" />
        <p><strong>Nothing can be saved at the moment.</strong> ${causes[trouble] ?? 'The server cannot write.'}
          Everything can be read, what you type is kept${trouble === 'damaged'
            ? '. Please tell whoever runs the server.' : ', and saving goes on by itself as soon as it can.'}</p>
      </div>`}</div>`;
}
