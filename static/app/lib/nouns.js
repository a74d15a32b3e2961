/** Every noun that people create and edit: its words, its paths and the fields of its form. */
import { purposes } from './file-words.js';
import { roles } from './roles.js';
import { deviceZone, zones } from './zoned-time.js';

/**
 * @typedef {{
 *   name: string, label: string, type: string, required?: boolean, hint?: string, initial?: any, unset?: any,
 *   on?: 'create'|'edit', half?: boolean, from?: Function,
 *   options?: {value: string, label: string}[] | ((value: string) => {value: string, label: string}[]),
 * }} Field
 * `unset` is what a resource means that leaves the field out; `on` limits a field to one of the two forms; `from` makes a field of its own out of the parent's id; `options` may
 * depend on the present value
 */

const name = (hint) => ({ name: 'name', label: 'Name', type: 'text', required: true, hint });
const description = (hint) => ({ name: 'description', label: 'Description', type: 'textarea', hint });
const position = {
  name: 'position', label: 'Order', type: 'integer', initial: 0, required: true, hint: 'Lower numbers come first.',
};

const numbering = { name: 'numbering', label: 'Numbers of entries', type: 'numbering', initial: null };

const custom = (entity) => ({ name: 'custom', label: 'Further fields', type: 'custom', entity });

/** What webhooks and actions have in common. */
const events = { name: 'events', type: 'events', required: true, initial: [] };
const enabled = { name: 'enabled', type: 'checkbox', on: 'edit' };

const forms = [
  { value: 'person', label: 'Person' },
  { value: 'team', label: 'Team' },
  { value: 'exhibit', label: 'Exhibit' },
];

const statuses = [
  { value: 'active', label: 'Active: sheets are expected' },
  { value: 'ended', label: 'Has left: marks given stay, no more are expected' },
  { value: 'absent', label: 'Did not come: no sheets are expected' },
];

/** What contestants and judges have in common. */
const person = [
  { name: 'pronouns', label: 'Pronouns', type: 'text', half: true, hint: 'How to speak of them, such as “she/her”.' },
  { name: 'bio', label: 'Biography', type: 'textarea', hint: 'What may be said about them on stage.' },
  {
    name: 'contactEmail', label: 'E-mail', type: 'email', half: true,
    hint: 'Seen by administrators, organisers and tally masters only.',
  },
  { name: 'contactPhone', label: 'Telephone', type: 'tel', half: true, hint: 'Seen by the same people.' },
];

const entryChoice = (label, hint) => (path) => ({
  name: 'entryId', label, type: 'choice', required: true, on: 'create', hint, path,
  text: (entry) => `${entry.number} · ${entry.contestantName}`,
});

export const nouns = {
  tenant: {
    one: 'tenant',
    collection: () => '/tenants',
    item: (id) => `/tenants/${id}`,
    fields: [
      name(),
      {
        name: 'slug', label: 'Short name', type: 'text', required: true,
        hint: 'Lower case letters, digits and hyphens; used to sign in.',
      },
    ],
  },
  user: {
    one: 'user',
    collection: () => '/users',
    item: (id) => `/users/${id}`,
    fields: [
      name(),
      { name: 'email', label: 'E-mail', type: 'email', required: true, hint: 'Used to sign in.' },
      {
        name: 'password', label: 'Password', type: 'new-password', required: true, on: 'create',
        hint: 'At least 12 characters. Hand it over in person; it can be changed after signing in.',
      },
      { name: 'grants', label: 'Roles', type: 'grants', initial: [] },
    ],
  },
  event: {
    one: 'event',
    collection: () => '/events',
    item: (id) => `/events/${id}`,
    fields: [
      name(),
      description(),
      { name: 'location', label: 'Location', type: 'text' },
      {
        name: 'timeZone', label: 'Time zone', type: 'select', initial: deviceZone,
        options: (zone) => [{ value: '', label: 'Not set' }, ...zones(zone).map((value) => ({ value, label: value }))],
      },
      { name: 'startsAt', label: 'Starts', type: 'datetime' },
      { name: 'endsAt', label: 'Ends', type: 'datetime' },
      { name: 'maxContestants', label: 'Most contestants', type: 'integer', hint: 'Each counts once. Empty for no limit.' },
      { ...numbering, hint: 'Contests may have a numbering of their own.' },
      custom('event'),
    ],
  },
  contest: {
    one: 'contest',
    collection: (eventId) => `/events/${eventId}/contests`,
    item: (id) => `/contests/${id}`,
    fields: [name('Those who compete with one another, such as “Senior division”.'), description(), position,
      { ...numbering, none: 'As in the whole event' }],
  },
  category: {
    one: 'category',
    collection: (contestId) => `/contests/${contestId}/categories`,
    item: (id) => `/categories/${id}`,
    fields: [
      name('What is judged together, such as “Evening wear”.'),
      description('Judges read it on their sheet.'),
      { name: 'method', label: 'Scoring method', type: 'method', initial: { type: 'weightedSum' } },
      { name: 'tieBreaks', label: 'Tie-breaks', type: 'tieBreaks', initial: [] },
      {
        name: 'entrants', label: 'Who takes part', type: 'select', initial: 'all', required: true,
        options: [
          { value: 'all', label: 'Every entry of the contest' },
          { value: 'listed', label: 'Only the entries on this category’s list' },
        ],
      },
      {
        name: 'conflictRule', label: 'A conflict of interest means', type: 'select', initial: 'block', unset: 'block',
        required: true,
        options: [
          { value: 'block', label: 'The judge is recused: no sheet is expected' },
          { value: 'abstain', label: 'The judge’s sheet counts as abstained' },
        ],
      },
      { name: 'minEntrants', label: 'Fewest entrants', type: 'integer', half: true, hint: 'Fewer are a warning.' },
      { name: 'maxEntrants', label: 'Most entrants', type: 'integer', half: true, hint: 'More cannot take part.' },
      position,
    ],
  },
  criterion: {
    one: 'criterion',
    collection: (categoryId) => `/categories/${categoryId}/criteria`,
    item: (id) => `/criteria/${id}`,
    fields: [
      name(),
      description('What a judge should look at. It stands on the sheet.'),
      { name: 'minimum', label: 'Lowest mark', type: 'decimal', initial: '0', required: true, half: true },
      { name: 'maximum', label: 'Highest mark', type: 'decimal', initial: '10', required: true, half: true },
      { name: 'step', label: 'Step', type: 'decimal', initial: '1', required: true, half: true },
      { name: 'weight', label: 'Weight', type: 'decimal', initial: '1', required: true, half: true },
      position,
    ],
  },
  contestant: {
    one: 'contestant',
    collection: () => '/contestants',
    item: (id) => `/contestants/${id}`,
    fields: [
      name(),
      { name: 'form', label: 'Kind', type: 'select', initial: 'person', options: forms, required: true },
      {
        name: 'members', label: 'Team members', type: 'members', initial: [],
        hint: 'One a line, for a team; what they do behind a comma, such as “Ann Ives, bass”.',
      },
      ...person,
      custom('contestant'),
      description('For the organisers.'),
    ],
  },
  judge: {
    one: 'judge',
    collection: () => '/judges',
    item: (id) => `/judges/${id}`,
    fields: [
      name(),
      {
        name: 'userId', label: 'User account', type: 'choice', path: '/users', needs: 'users.read',
        text: (user) => `${user.name} · ${user.email}`, none: 'No account',
        hint: 'The account that signs in to score as this judge. None is needed with a personal link.',
      },
      ...person,
      custom('judge'),
      description('For the organisers.'),
    ],
  },
  entry: {
    one: 'entry',
    collection: (contestId) => `/contests/${contestId}/entries`,
    item: (id) => `/entries/${id}`,
    label: (entry) => `${entry.number} · ${entry.contestantName}`,
    fields: [
      {
        name: 'contestantId', label: 'Contestant', type: 'choice', required: true, on: 'create',
        path: '/contestants', text: (contestant) => contestant.name,
      },
      { name: 'number', label: 'Number', type: 'integer', hint: 'Leave empty for the next free one, unless numbers are given by hand.' },
      {
        name: 'eligible', label: 'Competes for places', type: 'checkbox', initial: true,
        hint: 'Guests are scored and shown, but take no place from anybody.',
      },
      position,
      custom('entry'),
    ],
  },
  entrant: {
    one: 'entrant',
    collection: (categoryId) => `/categories/${categoryId}/entrants`,
    item: (id) => `/entrants/${id}`,
    fields: [{ from: entryChoice('Entry') }, position],
  },
  assignment: {
    one: 'assignment',
    collection: (categoryId) => `/categories/${categoryId}/assignments`,
    item: (id) => `/assignments/${id}`,
    label: (assignment) => assignment.judgeName,
    fields: [
      {
        name: 'judgeId', label: 'Judge', type: 'choice', required: true, on: 'create', path: '/judges',
        text: (judge) => judge.name,
      },
      { name: 'status', label: 'Status', type: 'select', initial: 'active', options: statuses, required: true },
      { name: 'headJudge', label: 'Heads the panel', type: 'checkbox', initial: false, hint: 'One judge does.' },
    ],
  },
  template: {
    one: 'template',
    collection: () => '/templates',
    item: (id) => `/templates/${id}`,
    fields: [name(), description('What it is for.')],
  },
  field: {
    one: 'field',
    collection: () => '/fields',
    item: (id) => `/fields/${id}`,
    label: (field) => field.label,
    fields: [
      { name: 'entity', label: 'Asked of each', type: 'select', on: 'create', required: true, initial: 'contestant',
        options: ['contestant', 'judge', 'entry', 'event'].map((value) => ({ value, label: value })) },
      { name: 'label', label: 'Label', type: 'text', required: true },
      { name: 'key', label: 'Key', type: 'text', on: 'create', required: true,
        hint: 'Lower case letters, digits and hyphens; programs know the value by it, so it never changes.' },
      { name: 'rule', label: 'Values', type: 'fieldRule', initial: { type: 'text' } },
      { name: 'required', label: 'Must be filled in', type: 'checkbox', initial: false },
      { name: 'visibility', label: 'Seen and given by', type: 'choices', initial: ['ADMIN', 'ORGANIZER'],
        options: () => roles().map(([value, does]) => ({ value, label: `${value}: ${does}` })) },
      position,
    ],
  },
  file: {
    one: 'file',
    collection: () => '/files',
    item: (id) => `/files/${id}`,
    fields: [
      name(),
      { name: 'purpose', label: 'What it is for', type: 'select', required: true, options: purposes },
    ],
  },
  webhook: {
    one: 'webhook',
    collection: () => '/webhooks',
    item: (id) => `/webhooks/${id}`,
    fields: [
      name('Who is told.'),
      { name: 'url', label: 'Address', type: 'url', required: true, hint: 'Such as https://example.org/hook.' },
      { ...events, label: 'Told of' },
      { ...enabled, label: 'Is told at present', hint: 'What happens while this is off is not told later.' },
    ],
  },
  action: {
    one: 'action',
    collection: () => '/actions',
    item: (id) => `/actions/${id}`,
    fields: [
      name('What is called: a chat, a screen, a light.'),
      { name: 'url', label: 'Address', type: 'url', required: true, hint: 'Such as https://chat.example.org/hooks/stage.' },
      { ...events, label: 'Called on' },
      { name: 'body', label: 'Body', type: 'json', hint: 'JSON. Without it the event is sent as it is.' },
      {
        name: 'method', label: 'Method', type: 'select', required: true, initial: 'POST',
        options: ['POST', 'PUT', 'PATCH'].map((value) => ({ value, label: value })),
      },
      {
        name: 'headers', label: 'Headers', type: 'headers', initial: [],
        hint: 'Sent along, and seen by whoever sees this page. A password or token belongs into the authorization.',
      },
      { ...enabled, label: 'Is called at present', hint: 'What happens while this is off is not made up for.' },
    ],
  },
  conflict: {
    one: 'conflict of interest',
    collection: () => '/conflicts',
    item: (id) => `/conflicts/${id}`,
    label: ({ judgeName, contestantName }) => `${judgeName} and ${contestantName}`,
    fields: [
      {
        name: 'judgeId', label: 'Judge', type: 'choice', required: true, on: 'create', path: '/judges',
        text: (judge) => judge.name,
      },
      {
        name: 'contestantId', label: 'Contestant', type: 'choice', required: true, on: 'create',
        path: '/contestants', text: (contestant) => contestant.name,
      },
      { name: 'reason', label: 'How they are connected', type: 'textarea', required: true },
    ],
  },
  deduction: {
    one: 'deduction',
    collection: (categoryId) => `/categories/${categoryId}/deductions`,
    item: (id) => `/deductions/${id}`,
    label: (deduction) => `deduction of ${deduction.amount}`,
    fields: [
      { from: entryChoice('Entry', 'Points are taken from this entry alone.') },
      { name: 'amount', label: 'Points taken', type: 'decimal', required: true },
      { name: 'reason', label: 'Reason', type: 'textarea', required: true, hint: 'It is shown with the result.' },
    ],
  },
};

/** What people call a resource of a kind. */
export function labelOf(kind, resource) {
  return nouns[kind].label?.(resource) ?? resource.name ?? nouns[kind].one;
}

/**
 * The fields of a form.
 * @param {string} kind
 * @param {'create'|'edit'} mode
 * @param {string} [choices] path of the list that a field offers when it depends on the parent
 * @returns {Field[]}
 */
export function fieldsOf(kind, mode, choices) {
  return nouns[kind].fields
    .map((field) => (field.from ? field.from(choices) : field))
    .filter(({ on }) => !on || on === mode);
}
