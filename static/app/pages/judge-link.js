/** The way in for a judge who has opened a personal link: the PIN that goes with it. */
import { html } from '../lib/view.js';
import { leaveLink } from '../lib/judge-link.js';
import { nameOf, session } from '../lib/session.js';
import { usePin } from '../lib/use-pin.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { LinkRefusal } from '../components/link-refusal.js';
import { Notice } from '../components/notice.js';
import { PinPad } from '../components/pin-pad.js';

export function JudgeLinkPage() {
  const { pad, error, busy, submit } = usePin();
  const run = (event) => {
    event.preventDefault();
    submit();
  };
  return html`
    <${Entrance} title="Welcome, judge" intro="Type the PIN from your invitation. It has six digits.">
      ${session.value && html`
        <${Notice} tone="warning" title="${nameOf(session.value)} is signed in on this device">
          <p>If you go on, they are signed out here. Marks that they did not submit stay on this device, and only they
            see them.</p><//>`}
      <form noValidate onSubmit=${run}>
        <${LinkRefusal} error=${error} />
        <${PinPad} ...${pad} />
        <div class="entrance-actions">
          <${Button} kind="primary wide" type="submit" busy=${busy}>Start judging<//>
          <${Button} kind="quiet" onClick=${leaveLink}>
            ${session.value ? `Stay signed in as ${nameOf(session.value)}` : 'I have an account with a password'}<//>
        </div>
      </form>
    <//>`;
}
