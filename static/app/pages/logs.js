/** The log: any ID or text is found, narrowed and followed as it is written. The address holds all that is looked at. */
import { html, useEffect, useState } from '../lib/view.js';
import { isComplete, merged } from '../lib/log-found.js';
import { changed, filtersOf, isNarrowed, searchKey, stretchOf } from '../lib/log-query.js';
import { go, place } from '../lib/router.js';
import { useLogSearch } from '../lib/use-log-search.js';
import { linesMax, useLogTail } from '../lib/use-log-tail.js';
import { Button } from '../components/button.js';
import { LogFilter } from '../components/log-filter.js';
import { LogFollowing } from '../components/log-following.js';
import { LogLine } from '../components/log-line.js';
import { LogStatus } from '../components/log-status.js';
import { LogVolume } from '../components/log-volume.js';
import { Empty, Problem } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RequestDialog } from '../components/request-dialog.js';

export function LogsPage() {
  const { query } = place.value;
  const search = useLogSearch(query);
  const { found } = search;
  const following = query.get('follow') === '1' && !query.get('until');
  const [paused, setPaused] = useState(false);
  useEffect(() => setPaused(false), [following, searchKey(query)]);
  // As what a text is searched for is known only when the search has begun to find.
  const decided = found && (found.as === 'q' || found.lines.length > 0);
  const filters = following && decided ? new URLSearchParams(filtersOf(query, found.as)).toString() : null;
  const tail = useLogTail(filters, found?.at ?? 0, paused);
  const lines = following ? merged(tail.lines, found?.lines ?? [], linesMax) : found?.lines ?? [];
  const alter = (changes, how = { replace: true }) => go(changed(query, changes), how);
  const narrowTo = (from, until) => alter({
    last: null, from: new Date(from).toISOString(), until: new Date(until).toISOString(), follow: null,
  });
  const request = query.get('request');
  return html`
    <${Page} title="Log" intro=${html`<p>What the server did, line by line. Paste the ID of an error to see what came of
      that request.</p>`} actions=${html`
      <${Button} icon="clock" href="#/logs/requests">Slow and failed requests<//>
      <${Button} icon="refresh-cw" onClick=${search.reload}>Refresh<//>`}>
      <${LogFilter} query=${query} />
      ${found && html`<${LogVolume} window=${found.window} at=${found.at}
        filters=${filtersOf(query, found.as)} onNarrow=${narrowTo} />`}
      <${LogFollowing} following=${following} tail=${tail} paused=${paused} onPause=${setPaused}
        onFollow=${(on) => alter(on ? { follow: '1', until: null } : { follow: null })} />
      <${LogStatus} search=${search} text=${query.get('search') ?? ''} />
      <${Problem} error=${search.error} onRetry=${search.more} />
      ${lines.length > 0 ? html`<ol class="log-lines" aria-label="Lines, newest first">${lines.map((line) => html`
          <${LogLine} key=${line.place} line=${line} onShow=${(id) => alter({ request: id }, {})} />`)}</ol>`
        : found && isComplete(found) && !following && html`<${None} query=${query} />`}
      ${search.state === 'waiting' && !isComplete(found) && !(following && lines.length >= linesMax) && html`
        <div class="load-more"><${Button} onClick=${search.more}>Show more<//></div>`}
      ${request && html`<${RequestDialog} key=${request} id=${request} onClose=${() => alter({ request: null })} />`}
    <//>`;
}

function None({ query }) {
  const all = stretchOf(query) === 'all';
  const action = all ? isNarrowed(query) && html`<${Button} href="#/logs">Show everything of the last 24 hours<//>`
    : html`<${Button} href="#${changed(query, { last: 'all', from: null, until: null })}">Search all that is kept<//>`;
  return html`<${Empty} icon="search" title="No line is like that" action=${action}>
    ${all ? 'Look whether the ID is whole, and of this organisation. What is too old is not kept.'
      : 'There may be one at another time.'}<//>`;
}
