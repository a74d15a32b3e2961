/** One judge's invitation as a sheet of paper: what it is for, the code to scan, the steps, the PIN. */
import { html } from '../lib/view.js';
import { pictureOf, until } from '../lib/invitations.js';

/** @param {{sheet: object, organisation: string}} props */
export function InvitationSheet({ sheet, organisation }) {
  const { judgeName, event, contest, pin, qrSvg } = sheet;
  return html`
    <article class="invitation">
      <header>
        <p>${[organisation, event, contest].filter(Boolean).join(' · ')}</p>
        <h2>${judgeName}</h2>
      </header>
      <img src=${pictureOf(qrSvg)} alt="QR code with the link of ${judgeName}" width="240" height="240" />
      <ol>
        <li>Scan the code with the camera of the tablet.</li>
        <li>Open the page that it offers.</li>
        <li>Type this PIN and start judging.</li>
      </ol>
      <p class="invitation-pin"><span>PIN</span> <strong>${pin.slice(0, 3)} ${pin.slice(3)}</strong></p>
      <footer>Works on one device at a time, until ${until(sheet)}. If it is in use on another device, or the PIN does not
        work, ask the tally desk. Keep this sheet to yourself: whoever has it can judge in your name.</footer>
    </article>`;
}
