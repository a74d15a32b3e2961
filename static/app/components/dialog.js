/** Modal dialogs on the browser's own element: focus is held inside, Escape closes, the rest is inert. */
import { html, useId, useLayoutEffect, useRef } from '../lib/view.js';
import { IconButton } from './button.js';

/**
 * @param {{title: any, onClose?: () => void, footer?: any, wide?: boolean, onSubmit?: () => void}} props with
 * `onSubmit` the content is a form; without `onClose` it stays until it is answered
 */
export function Dialog({ title, onClose, footer, wide = false, onSubmit, kind = '', children }) {
  const ref = useRef(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose?.();
  };
  // A browser closes a dialog on the second Escape, whatever the page says.
  const closed = () => ref.current?.isConnected && !ref.current.open && ref.current.showModal();
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  const content = html`
    <div class="dialog-body">${children}</div>
    ${footer && html`<footer class="dialog-footer">${footer}</footer>`}`;
  return html`
    <dialog ref=${ref} class="dialog ${wide ? 'wide' : ''} ${kind}" aria-labelledby=${titleId} onCancel=${cancel}
      onClose=${closed}>
      <header class="dialog-header">
        <h2 id=${titleId}>${title}</h2>
        ${onClose && html`<${IconButton} icon="x" label="Close" onClick=${onClose} />`}
      </header>
      ${onSubmit ? html`<form noValidate onSubmit=${submit}>${content}</form>` : content}
    </dialog>`;
}
