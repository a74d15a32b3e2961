/** A link that was just made, the only time that it is shown: QR code, link, PIN, and the way to paper. */
import { html } from '../lib/view.js';
import { isLocal, pictureOf, printInvitations, until } from '../lib/invitations.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Notice } from './notice.js';

/** @param {{invitation: object, frame?: object}} props the invitation as the server answers it, and what it is for */
export function NewInvitation({ invitation, frame }) {
  const { judgeName, url, pin, qrSvg } = invitation;
  return html`
    <${Notice} tone="warning" title="Print or copy it now: it is not shown again">
      <p>Whoever has link and PIN can judge as ${judgeName}, on one device at a time, until
        ${until(invitation)}.</p><//>
    ${isLocal(url) && html`<${LocalAddress} />`}
    <div class="new-invitation">
      <img src=${pictureOf(qrSvg)} alt="QR code with the link of ${judgeName}" width="200" height="200" />
      <dl class="details">
        <div><dt>PIN</dt><dd class="pin-shown"><${Copyable} text=${pin} label="PIN" short=${false} /></dd></div>
        <div><dt>Link</dt><dd><${Copyable} text=${url} label="link" short=${false} /></dd></div>
      </dl>
      <${Button} icon="clipboard-list" onClick=${() => printInvitations([invitation], frame)}>Print the sheet<//>
    </div>`;
}

/** What to do when the links lead to the organiser's own computer. */
export function LocalAddress() {
  return html`
    <${Notice} tone="warning" title="Tablets cannot open these links">
      <p>They lead to this computer itself. Open this page at the address that tablets use, and make the links there; or
        have that address set as <code>server.public_url</code>.</p><//>`;
}
