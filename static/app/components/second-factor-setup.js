/** Setting up an authenticator app: password, QR code, first code, recovery codes. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';
import { Notice } from './notice.js';
import { ProofDialog, currentPassword } from './proof-dialog.js';

const firstCode = {
  name: 'code', label: 'Code', type: 'code', required: true, hint: 'The six digits that the app shows now.',
};

/** Recovery codes, which are shown once. */
export function RecoveryCodesDialog({ codes, onDone }) {
  return html`
    <${Dialog} title="Your recovery codes" footer=${html`
      <${Button} kind="primary" onClick=${onDone}>I have kept them<//>`}>
      <${Notice} tone="warning" title="Keep them now: they are not shown again">
        <p>Each signs you in once if your authenticator app is lost. Print them, or write them down.</p><//>
      <ol class="recovery-codes">${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}</ol>
      <p><${Copyable} text=${codes.join('\n')} label="all recovery codes" shown="Copy all" /></p>
    <//>`;
}

/** @param {{onDone: () => void, onClose: () => void}} props `onDone`: it is set up, and the codes have been seen */
export function SecondFactorSetup({ onDone, onClose }) {
  const [begun, setBegun] = useState(null);
  const [codes, setCodes] = useState(null);
  if (codes) return html`<${RecoveryCodesDialog} codes=${codes} onDone=${onDone} />`;
  if (begun) {
    return html`
      <${ProofDialog} key="code" title="Scan the code" fields=${[firstCode]} action="Turn on" onClose=${onClose}
        save=${async (values) => setCodes((await post('/me/totp/confirm', values)).recoveryCodes)}>
        <p>Open your authenticator app, add an account, and scan this code.</p>
        <img class="qr-code" alt="QR code for your authenticator app" width="200" height="200"
          src=${`data:image/svg+xml;base64,${btoa(begun.qrSvg)}`} />
        <p>If it cannot scan, type this secret into it:
          ${' '}<${Copyable} text=${begun.secret} label="secret" short=${false} /></p>
      <//>`;
  }
  return html`
    <${ProofDialog} key="password" title="Set up an authenticator app" fields=${[currentPassword]} action="Continue"
      onClose=${onClose} save=${async (values) => setBegun(await post('/me/totp', values))}>
      <p>From then on, signing in takes your password and a code that an app on your phone shows.</p>
    <//>`;
}
