/** The dialog that sends all dead letters once more. It says first how many there are. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { count } from '../lib/format.js';
import { sendAll } from '../lib/replaying.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';

const letters = (n) => count(n, 'dead letter');

/** @param {{filter: {service?: string, hook?: string}, within: string, onDone: () => void, onClose: () => void}} props
 * `within` says what the filter leaves, as “for webhooks” */
export function ReplayDialog({ filter, within, onDone, onClose }) {
  const [rehearsal, setRehearsal] = useState(null);
  const [error, setError] = useState(null);
  const [sent, setSent] = useState(null);
  const rehearse = async () => {
    setError(null);
    try {
      setRehearsal(await post('/deliveries/replay', { ...filter, state: 'dead', dryRun: true }));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => {
    rehearse();
  }, []);
  const run = async () => {
    if (sent !== null || !rehearsal?.count) return;
    setSent(0);
    try {
      const done = await sendAll(filter, rehearsal.deliveries[0], { onProgress: setSent });
      toast(`${letters(done.sent)} ${done.sent === 1 ? 'is' : 'are'} on the way once more.`
        + `${done.again ? ' Some have died again already: see what they say.' : ''}`);
      onDone();
    } catch (failure) {
      setError(failure);
      setSent(null);
    }
  };
  return html`
    <${Dialog} title="Send all dead letters once more" onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" icon="send" type="submit" busy=${sent !== null} disabled=${!rehearsal?.count}>
        ${rehearsal?.count ? `Send ${rehearsal.more ? 'all' : rehearsal.count}` : 'Send'}<//>`}>
      <${Problem} error=${error} onRetry=${rehearsal ? undefined : rehearse} />
      <p role="status">${told(rehearsal, sent, within)}</p>
      ${rehearsal?.count > 0 && html`<p>They go to where each webhook or action has its address now, under the same
        message name: a receiver that has had one can tell.</p>`}
    <//>`;
}

function told(rehearsal, sent, within) {
  if (sent !== null) return `${sent} sent so far…`;
  if (!rehearsal) return 'Counting…';
  const { count: found, more } = rehearsal;
  if (found === 0) return `There is no dead letter${within} that was not sent once more already.`;
  return more ? `There are more than ${letters(found)}${within}. They are sent in parts of ${found} until none is left.`
    : `${letters(found)}${within} ${found === 1 ? 'is' : 'are'} sent once more.`;
}
