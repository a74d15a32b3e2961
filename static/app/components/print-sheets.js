/** What is printed in place of the page: an invitation for each judge, gone again as soon as it is on paper. */
import { html, useEffect, useRef } from '../lib/view.js';
import { sheets } from '../lib/invitations.js';
import { session } from '../lib/session.js';
import { InvitationSheet } from './invitation-sheet.js';

export function PrintSheets() {
  const root = useRef(null);
  const printed = sheets.value;
  useEffect(() => {
    if (printed.length === 0) return undefined;
    const clear = () => {
      sheets.value = [];
    };
    addEventListener('afterprint', clear);
    // A picture that is not decoded yet would be missing on paper.
    Promise.allSettled([...root.current.querySelectorAll('img')].map((image) => image.decode())).then(() => print());
    return () => removeEventListener('afterprint', clear);
  }, [printed]);
  if (printed.length === 0) return null;
  return html`
    <div class="print-sheets" ref=${root}>
      ${printed.map((sheet) => html`
        <${InvitationSheet} key=${sheet.id} sheet=${sheet} organisation=${session.value?.tenant.name} />`)}
    </div>`;
}
