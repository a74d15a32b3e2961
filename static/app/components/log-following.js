/** The switch that follows the log as it is written, with what the stream is doing. */
import { html } from '../lib/view.js';
import { count } from '../lib/format.js';
import { linesMax } from '../lib/use-log-tail.js';
import { Button } from './button.js';

const states = {
  off: 'Begins when the search is done.',
  opening: 'Connecting…',
  following: 'New lines appear by themselves.',
  reconnecting: 'Reconnecting…',
  refused: 'The server gives no stream at the moment; it is asked again soon.',
};

/**
 * @param {{
 *   following: boolean, tail: ReturnType<import('../lib/use-log-tail.js').useLogTail>, paused: boolean,
 *   onFollow: (on: boolean) => void, onPause: (on: boolean) => void,
 * }} props
 */
export function LogFollowing({ following, tail, paused, onFollow, onPause }) {
  const waiting = tail.waiting.length;
  const held = waiting >= linesMax ? `${linesMax} lines or more wait`
    : `${count(waiting, 'line')} wait${waiting === 1 ? 's' : ''}`;
  return html`
    <div class="log-following">
      <label class="check"><input type="checkbox" role="switch" checked=${following}
        onChange=${({ currentTarget }) => onFollow(currentTarget.checked)} /><span>Follow</span></label>
      ${following && html`<${Button} icon=${paused ? 'arrow-down' : 'circle-pause'} onClick=${() => onPause(!paused)}>
        ${paused ? 'Go on' : 'Pause'}<//>`}
      <p role="status" class="muted">${following && (paused ? `Paused; ${held}.` : states[tail.state])}
        ${following && tail.gap && ' Some lines may be missing: search again to see them.'}</p>
    </div>`;
}
