/** How a webhook or an action fares, in words. */
import { count, formatDateTime } from './format.js';

const stops = {
  gone: 'it answered that it is gone (410)',
  failing: 'nothing has arrived for five days',
};

const switchedOff = { text: 'Switched off', tone: 'neutral', icon: 'ban' };

/**
 * Where a webhook stands.
 * @param {{enabled: boolean}} hook
 * @param {object|undefined} health as the server tells it; nothing as long as that is not known
 * @returns {{text: string, tone: string, icon: string, why: string}|null}
 */
export function webhookState({ enabled }, health) {
  if (!enabled) return { ...switchedOff, why: 'What happens meanwhile is not told later.' };
  if (!health) return null;
  const { stopped, failingSince, failed, arrivedAt, hasSecret } = health;
  if (stopped) {
    return {
      text: 'Stopped', tone: 'danger', icon: 'circle-alert',
      why: `Stopped since ${formatDateTime(stopped.at)}, because ${stops[stopped.why]}. A test that arrives starts it again.`,
    };
  }
  if (failingSince) {
    return {
      text: 'Failing', tone: 'warning', icon: 'triangle-alert',
      why: `Failing since ${formatDateTime(failingSince)}: ${count(failed, 'delivery', 'deliveries')} did not arrive at`
        + ' the first attempt. They are tried again by themselves.',
    };
  }
  if (!hasSecret) {
    return {
      text: 'No secret yet', tone: 'warning', icon: 'key-round',
      why: 'Nobody was told a secret, so the receiver cannot check who tells it.',
    };
  }
  return {
    text: 'Told', tone: 'success', icon: 'circle-check',
    why: arrivedAt ? `Something arrived at ${formatDateTime(arrivedAt)}.` : 'Nothing has arrived there yet. Send a test.',
  };
}

/** Where an action stands: it knows of no failures but those of its deliveries. */
export const actionState = ({ enabled }) => (enabled
  ? { text: 'Called', tone: 'success', icon: 'circle-check', why: '' }
  : { ...switchedOff, why: 'What happens meanwhile is not made up for.' });

/** Bodies to begin with, for programs that many have. A name is not always there: without `default` it must be. */
export const examples = [
  {
    name: 'Slack, Mattermost, Rocket.Chat',
    body: { text: "{{ event.type }}: {{ event.data.name | default('without a name') | chat }}" },
  },
  {
    name: 'Discord',
    body: { username: 'Event Manager', content: "{{ event.type }}: {{ event.data.name | default('without a name') }}" },
  },
  {
    name: 'A program of your own',
    body: {
      what: '{{ event.type }}', when: '{{ event.timestamp }}', number: '{{ event.version }}', about: '{{ event.data }}',
    },
  },
];

/** What the texts of a body can name, and what stands there then. */
export const variables = [
  ['event.type', 'what happened, such as contest.created'],
  ['event.timestamp', 'when it happened'],
  ['event.data', 'what it is about, as a whole'],
  ['event.data.name', 'what it is called, unless it is a person or a score sheet'],
  ['event.data.id', 'which one it is; of a score sheet: categoryId, entryId and judgeId'],
  ['event.version', 'the number of the change'],
  ['event.correlationId', 'what it belongs to, as in the log and among the deliveries'],
];
