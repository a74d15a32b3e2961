/** The dialog that puts a list in another order: by buttons, so that it works with a keyboard and on a phone. */
import { html, useLayoutEffect, useRef, useState } from '../lib/view.js';
import { patch } from '../lib/api.js';
import { nouns } from '../lib/nouns.js';
import { moved, repositioned } from '../lib/running-order.js';
import { toast } from '../lib/toasts.js';
import { Button, IconButton } from './button.js';
import { Dialog } from './dialog.js';
import { Problem } from './notice.js';

/** @param {{kind: string, items: object[], text: (item: any) => any, onDone: () => void, onClose: () => void}} props */
export function OrderDialog({ kind, items, text, onDone, onClose }) {
  const [order, setOrder] = useState(items);
  const [last, setLast] = useState(null);
  const list = useRef(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const move = (index, step) => {
    setOrder(moved(order, index, step));
    const said = `${text(order[index])} is now ${index + step + 1} of ${order.length}.`;
    setLast({ id: order[index].id, step, said });
  };
  // A row that moves loses the focus; whoever uses the keyboard wants to press the same button again.
  useLayoutEffect(() => {
    if (!last) return;
    const buttons = [...list.current.children[order.findIndex(({ id }) => id === last.id)].querySelectorAll('button')];
    const [same, other] = last.step < 0 ? buttons : buttons.reverse();
    (same.disabled ? other : same).focus();
  }, [last]);
  const save = async () => {
    if (busy) return;
    setBusy(true);
    // What is stored already has its new position and version if a later one fails, so a second try goes on there.
    let stored = order;
    try {
      for (const [item, position] of repositioned(order)) {
        const saved = await patch(nouns[kind].item(item.id), { position }, item.version);
        stored = stored.map((old) => (old.id === saved.id ? { ...old, ...saved } : old));
      }
      toast('Order saved.');
      onDone();
    } catch (failure) {
      setOrder(stored);
      setError(failure);
      setBusy(false);
    }
  };
  const button = (item, index, step, icon, label) => html`
    <${IconButton} icon=${icon} label="${label}: ${text(item)}" onClick=${() => move(index, step)}
      disabled=${!order[index + step]} />`;
  return html`
    <${Dialog} title="Change order" onClose=${onClose} onSubmit=${save} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" busy=${busy}>Save order<//>`}>
      <${Problem} error=${error}>${error?.code === 'version_mismatch' && html`
        <p>Somebody else has changed one of these meanwhile. Close this and try again.</p>`}<//>
      <ol class="order" ref=${list}>${order.map((item, index) => html`
        <li key=${item.id}><span>${text(item)}</span>
          ${button(item, index, -1, 'arrow-up', 'Move up')}${button(item, index, 1, 'arrow-down', 'Move down')}</li>`)}
      </ol>
      <p class="visually-hidden" role="status">${last?.said}</p>
    <//>`;
}
