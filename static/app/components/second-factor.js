/** One's own second factor: whether there is one, setting it up, new recovery codes, removing it. */
import { html, useState } from '../lib/view.js';
import { post, send } from '../lib/api.js';
import { count } from '../lib/format.js';
import { refresh, session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Section } from './page.js';
import { ProofDialog, currentCode, currentPassword } from './proof-dialog.js';
import { RecoveryCodesDialog, SecondFactorSetup } from './second-factor-setup.js';

const proof = [currentPassword, currentCode];

export function SecondFactor() {
  const [open, setOpen] = useState(null);
  const [codes, setCodes] = useState(null);
  const factor = session.value.secondFactor;
  const close = () => setOpen(null);
  const done = async (text) => {
    setOpen(null);
    setCodes(null);
    await refresh();
    toast(text);
  };
  const actions = factor ? html`
    <${Button} icon="refresh-cw" onClick=${() => setOpen('codes')}>New recovery codes<//>
    <${Button} icon="trash-2" onClick=${() => setOpen('remove')}>Remove<//>` : html`
    <${Button} icon="shield-check" onClick=${() => setOpen('setup')}>Set up<//>`;
  return html`
    <${Section} title="Authenticator app" actions=${actions}>
      ${factor ? html`
        <p><${Badge} tone="success">On<//> Signing in takes a code of your app, too.
          ${' '}${count(factor.recoveryCodes, 'recovery code')} left.</p>` : html`
        <p>Not set up. With an app on your phone, whoever learns your password still cannot sign in.</p>`}
      ${open === 'setup' && html`<${SecondFactorSetup} onClose=${close}
        onDone=${() => done('The authenticator app is set up.')} />`}
      ${open === 'codes' && !codes && html`<${ProofDialog} title="New recovery codes" fields=${proof}
        action="Make new codes" onClose=${close}
        save=${async (values) => setCodes((await post('/me/totp/recovery-codes', values)).recoveryCodes)}>
        <p>The old codes stop working.</p><//>`}
      ${codes && html`<${RecoveryCodesDialog} codes=${codes} onDone=${() => done('The old recovery codes are void.')} />`}
      ${open === 'remove' && html`<${ProofDialog} title="Remove the authenticator app?" fields=${proof}
        action="Remove" kind="danger" onClose=${close}
        save=${async (values) => {
          await send('DELETE', '/me/totp', { body: values });
          await done('You sign in with your password alone.');
        }}>
        <p>From then on, your password alone signs you in. The recovery codes stop working.</p><//>`}
    <//>`;
}
