/** Messages to people, in words: what each kind is called, and between what is typed and what is kept of it. */

/** The kinds of messages. */
export const messageKinds = [
  { value: 'invitation', label: 'Invitation' },
  { value: 'judge_link', label: 'Judge link' },
  { value: 'results', label: 'Results' },
  { value: 'alert', label: 'Alert' },
  { value: 'password_reset', label: 'New password' },
  { value: 'message', label: 'Message to many' },
  { value: 'test', label: 'Test' },
];

/** What a kind is called. */
export const kindLabel = (kind) => messageKinds.find(({ value }) => value === kind)?.label ?? kind;

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' });

/** What a language is called; one that nobody knows by its tag. */
export function languageLabel(tag) {
  try {
    return languageNames.of(tag);
  } catch {
    return tag;
  }
}

/** The parts of a message that can be worded. */
export const parts = ['subject', 'text', 'sms'];

/**
 * What the form begins with: each part as the organisation words it, or as it is built in.
 * @param {object|null} own
 * @param {object} builtIn
 */
export const typedOf = (own, builtIn) => Object.fromEntries(
  parts.map((part) => [part, own?.[part] ?? builtIn[part] ?? '']),
);

/**
 * What is kept of what is typed: null for each part that is as built in, or empty.
 * @param {Record<string, string>} typed
 * @param {object|null} builtIn null for a language in which there is none
 */
export const keptOf = (typed, builtIn) => Object.fromEntries(parts.map((part) => {
  const text = typed[part];
  return [part, text.trim() === '' || text === builtIn?.[part] ? null : text];
}));
