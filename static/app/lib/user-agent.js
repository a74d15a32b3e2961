/** What a browser calls itself, in words that its owner knows. */

const browsers = [
  [/Edg(A|iOS)?\//, 'Edge'], [/OPR\//, 'Opera'], [/SamsungBrowser\//, 'Samsung Internet'], [/(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|CriOS)\//, 'Chrome'], [/Safari\//, 'Safari'],
];
const systems = [
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'Mac'],
  [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux'],
];

const nameIn = (list, text) => list.find(([pattern]) => pattern.test(text))?.[1];

/**
 * @param {string|null} userAgent as the browser sent it at sign-in
 * @returns {string} such as “Firefox on Android”
 */
export function browserName(userAgent) {
  if (!userAgent) return 'Unknown program';
  const [browser, system] = [nameIn(browsers, userAgent), nameIn(systems, userAgent)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? userAgent.split('/')[0].slice(0, 40);
}
