/**
 * Files in words: what they are for, how large they are, what is known of viruses in them, where they are kept, and which
 * are not taken.
 */
import { capitalised, list } from './format.js';

export const purposes = [
  { value: 'photo', label: 'Photo' },
  { value: 'document', label: 'Document' },
  { value: 'scoreFile', label: 'Score file' },
];

/** The kinds of things that files belong to. */
export const aboutKinds = ['contestant', 'judge', 'event', 'contest', 'category', 'entry'];

/** The address of the page with the files of something. */
export const filesOf = (kind, id) => `/files?aboutKind=${kind}&aboutId=${id}`;

const openOffice = 'application/vnd.oasis.opendocument';
const office = 'application/vnd.openxmlformats-officedocument';

/** Every type that may be taken: its word, the endings of its names, and what people call it. */
const types = [
  { type: 'image/png', endings: ['png'], name: 'PNG' },
  { type: 'image/jpeg', endings: ['jpg', 'jpeg'], name: 'JPEG' },
  { type: 'image/webp', endings: ['webp'], name: 'WebP' },
  { type: 'application/pdf', endings: ['pdf'], name: 'PDF' },
  { type: 'text/csv', endings: ['csv'], name: 'CSV' },
  { type: 'text/plain', endings: ['txt'], name: 'text' },
  { type: 'application/json', endings: ['json'], name: 'JSON' },
  { type: `${office}.spreadsheetml.sheet`, endings: ['xlsx'], name: 'XLSX' },
  { type: `${office}.wordprocessingml.document`, endings: ['docx'], name: 'DOCX' },
  { type: `${openOffice}.spreadsheet`, endings: ['ods'], name: 'ODS' },
  { type: `${openOffice}.text`, endings: ['odt'], name: 'ODT' },
];

const namesOf = (taken) => list(types.filter(({ type }) => taken.includes(type)).map(({ name }) => name));

const endingOf = (name) => (name.includes('.') ? name.split('.').at(-1).toLowerCase() : '');

/** The type of a file of the device, by its ending: what browsers say of spreadsheets depends on what is installed. */
export function typeOf({ name, type }) {
  return types.find(({ endings }) => endings.includes(endingOf(name)))?.type ?? type;
}

/** What a file is called here: as on the device, without the ending of its type. */
export function titleOf(file) {
  const { name } = file;
  const known = types.some(({ endings }) => endings.includes(endingOf(name)));
  return (known && name.slice(0, name.lastIndexOf('.'))) || name;
}

const isImage = (type) => type.startsWith('image/');

/** What files most likely are for: pictures are photos. */
export const likelyPurpose = (files) => (files.every((file) => isImage(typeOf(file))) ? 'photo' : 'document');

/** What a choice of files offers, for the browser's own dialog. */
export const offered = (rules) => types.filter(({ type }) => rules.mediaTypes.includes(type))
  .flatMap(({ endings }) => endings.map((ending) => `.${ending}`)).join(',');

const megabyte = 1_000_000;

/** A size as people say it: `640 bytes`, `12 kB`, `3.4 MB`, `51 GB`. */
export function sizeOf(bytes) {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < megabyte) return `${Math.round(bytes / 1_000)} kB`;
  const [unit, name] = bytes < 1_000 * megabyte ? [megabyte, 'MB'] : [1_000 * megabyte, 'GB'];
  return `${Number((bytes / unit).toFixed(bytes < 10 * unit ? 1 : 0))} ${name}`;
}

/**
 * Why a file would not be taken.
 * @param {{name: string, type: string, size: number}} file of the device
 * @param {string} purpose
 * @param {{bytesMax: number, mediaTypes: string[]}} rules of the server
 * @returns {string|null}
 */
export function refusalOf(file, purpose, rules) {
  const type = typeOf(file);
  if (file.size === 0) return 'It is empty.';
  if (!rules.mediaTypes.includes(type)) return `It is none of the types that are taken: ${namesOf(rules.mediaTypes)}.`;
  if (file.size > rules.bytesMax) {
    return `It is too large: ${sizeOf(file.size)}. The largest that is taken has ${sizeOf(rules.bytesMax)}.`;
  }
  if (purpose === 'photo' && !isImage(type)) {
    return `A photo is a picture: ${namesOf(rules.mediaTypes.filter(isImage))}.`;
  }
  return null;
}

/** What may be taken, in a sentence. */
export const takenOf = ({ bytesMax, mediaTypes }) => `${namesOf(mediaTypes)}; each up to ${sizeOf(bytesMax)}.`;

/** The states of scanning, with their words. */
export const scanStates = [
  { value: 'clean', label: 'Clean' },
  { value: 'pending', label: 'Waiting for the scanner' },
  { value: 'infected', label: 'Infected' },
  { value: 'failed', label: 'Could not be scanned' },
  { value: 'notScanned', label: 'Not scanned' },
];

/** Whether a file is given out, where files have to be scanned or not. */
export const isOpen = ({ state }, required) => state === 'clean' || (state === 'notScanned' && !required);

/**
 * What is known of viruses in a file.
 * @param {{state: string, signature?: string, why?: string}} scan
 * @param {boolean} required whether files have to be scanned here
 * @returns {{text: string, tone: string, icon: string, why: string}} `why`: what it means for whoever wants the file
 */
export function scanOf(scan, required) {
  const { label } = scanStates.find(({ value }) => value === scan.state);
  switch (scan.state) {
    case 'clean': return { text: label, tone: 'success', icon: 'shield-check', why: '' };
    case 'pending':
      return { text: label, tone: 'neutral', icon: 'clock', why: 'Nobody gets it until the scanner has found nothing.' };
    case 'infected':
      return {
        text: label, tone: 'danger', icon: 'triangle-alert',
        why: `The scanner found ${scan.signature}. Nobody gets it: delete it, and look where it came from.`,
      };
    case 'failed':
      return { text: label, tone: 'danger', icon: 'circle-alert', why: `${capitalised(scan.why)}. Nobody gets it.` };
    default:
      return required ? {
        text: label, tone: 'warning', icon: 'circle-alert',
        why: 'Files have to be scanned here. Nobody gets it: upload it once more.',
      } : { text: label, tone: 'neutral', icon: 'circle-question-mark', why: 'No scanner was set up when it came.' };
  }
}

/**
 * Where the content of a file is kept besides on the server.
 * @param {{state: string, target?: string, delivery?: string}} storage
 * @returns {{text: string, tone: string, icon: string, why: string}} `why`: what that means, where it does not speak for
 * itself
 */
export function storageOf({ state, target }) {
  switch (state) {
    case 'kept': return { text: 'Kept', tone: 'success', icon: 'circle-check', why: `In ${target}.` };
    case 'waiting':
      return { text: 'Waiting', tone: 'neutral', icon: 'clock', why: 'It lies on this server, and goes there by itself.' };
    case 'fetching':
      return {
        text: 'Being fetched back', tone: 'warning', icon: 'refresh-cw',
        why: 'It is missing on this server. Nobody gets it until it is back.',
      };
    case 'failed':
      return { text: 'Not stored', tone: 'danger', icon: 'circle-alert', why: 'It lies on this server alone.' };
    default: return { text: 'On this server alone', tone: 'neutral', icon: 'minus', why: '' };
  }
}

/** Whether where a file is kept is about to change. */
export const isMoving = ({ state }) => state === 'waiting' || state === 'fetching';
