/** What can be done with a delivery: stop it, or send it once more when it is over. */
import { post } from './api.js';
import { canGoElsewhere, canSayElse, isOver } from './delivery-words.js';
import { go } from './router.js';
import { can } from './session.js';
import { toast, toastError } from './toasts.js';

/**
 * What can be done with it now.
 * @param {() => void} onChanged
 * @returns {{stop: (() => void)|null, again: (() => void)|null, elsewhere: boolean, rewritten: boolean}} what cannot be done is
 * null; whether it can go to another recipient, and whether it can say something else
 */
export function deliveryActs(delivery, onChanged) {
  if (!can('deliveries.manage')) return { stop: null, again: null, elsewhere: false, rewritten: false };
  const act = (verb, said) => async () => {
    try {
      said(await post(`/deliveries/${delivery.id}/${verb}`));
    } catch (error) {
      toastError(error);
    }
    onChanged();
  };
  const stopped = ({ state }) => toast(state === 'cancelled' ? 'Stopped. An attempt under way ends by itself.'
    : 'It was over already.');
  const sent = ({ id }) => toast('It is on its way once more.', {
    action: { label: 'Look at it', run: () => go(`/deliveries/${id}`) },
  });
  const over = isOver(delivery);
  return {
    stop: over ? null : act('cancel', stopped),
    again: over && !delivery.replayedBy ? act('replay', sent) : null,
    elsewhere: canGoElsewhere(delivery),
    rewritten: canSayElse(delivery),
  };
}
