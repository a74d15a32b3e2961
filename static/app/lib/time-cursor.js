/** Pointing at a time in a drawing over time: the step that is meant, by mouse, finger or keys, and opening it. */

/**
 * @param {{count: number, at: number|null, onAt: (index: number|null) => void, onOpen: (index: number) => void,
 *   tapOpens?: boolean}} options `count` of steps; `tapOpens`: a finger opens a step as a click does, and does not only point at it
 * @returns {object} handlers of the element over which the steps lie evenly
 */
export function timeCursor({ count, at, onAt, onOpen, tapOpens = false }) {
  const last = count - 1;
  const under = ({ currentTarget, clientX }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor(((clientX - left) / width) * count)));
  };
  const move = (event) => {
    const now = at ?? last;
    const to = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: last }[event.key];
    if (event.key === 'Enter' || event.key === ' ') onOpen(now);
    else if (event.key === 'Escape') onAt(null);
    else if (to !== undefined) onAt(Math.min(last, Math.max(0, to)));
    else return;
    event.preventDefault();
  };
  return {
    onKeyDown: move,
    onPointerMove: (event) => onAt(under(event)),
    onPointerLeave: ({ pointerType }) => pointerType === 'mouse' && onAt(null),
    onClick: (event) => (event.pointerType === 'touch' && !tapOpens ? onAt(under(event)) : onOpen(under(event))),
  };
}
