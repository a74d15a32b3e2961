/** What has to be done before anything else can be: a password of one's own, or a second factor. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { refresh, session, signOut } from '../lib/session.js';
import { toastError } from '../lib/toasts.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { PasswordDialog } from '../components/password-dialog.js';
import { SecondFactorSetup } from '../components/second-factor-setup.js';

const steps = {
  passwordChange: {
    title: 'Choose your own password',
    intro: 'Somebody else has set your password and knows it. Change it, and go on.',
    action: 'Change password',
  },
  secondFactor: {
    title: 'Set up an authenticator app',
    intro: 'Your role signs in with a code from an app on your phone, too. It takes a minute.',
    action: 'Set up',
  },
};

export function RestrictedPage() {
  const [open, setOpen] = useState(false);
  const { restriction } = session.value;
  const { title, intro, action } = steps[restriction];
  const close = () => setOpen(false);
  const leave = () => signOut().catch((error) => toastError(error));
  return html`
    <${Entrance} title=${title} intro=${intro}>
      <div class="entrance-actions">
        <${Button} kind="primary" onClick=${() => setOpen(true)}>${action}<//>
        <${Button} kind="quiet" onClick=${leave}>Sign out<//>
      </div>
      ${open && restriction === 'passwordChange' && html`
        <${PasswordDialog} title="Change password" own onClose=${close} onDone=${refresh}
          save=${(newPassword, currentPassword) => post('/auth/password', { currentPassword, newPassword })} />`}
      ${open && restriction === 'secondFactor' && html`<${SecondFactorSetup} onClose=${close} onDone=${refresh} />`}
    <//>`;
}
