/** What templates make, in words. */
import { count, list } from './format.js';

const plurals = { event: 'events', contest: 'contests', category: 'categories', criterion: 'criteria' };

/** Where what a template makes lies, by its kind; an event lies in nothing. */
export const parentOf = { contest: 'event', category: 'contest' };

/** The kind of what a template makes. */
export const madeBy = ({ parts }) => parts[0].type;

/** `An event with 2 contests, 3 categories and 9 criteria`. */
export function shapeOf(template) {
  const [whole, ...rest] = template.parts;
  const numbers = Object.entries(plurals)
    .map(([type, many]) => [rest.filter((part) => part.type === type).length, type, many])
    .filter(([number]) => number > 0);
  const article = whole.type === 'event' ? 'An' : 'A';
  const within = numbers.length > 0 ? ` with ${list(numbers.map((number) => count(...number)))}` : '';
  return `${article} ${whole.type}${within}`;
}
