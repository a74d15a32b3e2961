// Whether a page fits its screen: nothing scrolls sideways, and every control is large enough to hit.

/** The least side of a control in pixels (WCAG 2.2, 2.5.8), and on the pages that judges use with a thumb. */
const least = 24;
const leastOnJudgePages = 44;

/**
 * Measures the page at its present size.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} what is wrong
 */
export function measure(page) {
  return page.evaluate(([ordinary, judging]) => {
    const wrong = [];
    const overflow = document.documentElement.scrollWidth - innerWidth;
    if (overflow > 0) wrong.push(`scrolls sideways by ${overflow} px at ${innerWidth} px`);
    for (const body of document.querySelectorAll('dialog:modal .dialog-body')) {
      const hidden = body.scrollWidth - body.clientWidth;
      if (hidden > 0) wrong.push(`a dialog scrolls sideways by ${hidden} px at ${innerWidth} px`);
    }
    const minimum = document.querySelector('.judge-shell') ? judging : ordinary;
    const modal = [...document.querySelectorAll('dialog:modal')].at(-1);
    for (const element of (modal ?? document).querySelectorAll('a[href], button, summary, input, select, textarea')) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest('.skip-link')) continue;
      // A link within a sentence is as high as the line (WCAG 2.2, 2.5.8, exception "inline").
      if (getComputedStyle(element).display === 'inline' && !element.matches('.card-link')) continue;
      const { width, height } = targetOf(element).getBoundingClientRect();
      if (width === 0 || Math.min(width, height) >= minimum - 0.5) continue;
      wrong.push(`${element.outerHTML.slice(0, 120)} is ${width.toFixed()} × ${height.toFixed()} px`
        + ` at ${innerWidth} px, least is ${minimum}`);
    }
    return wrong;

    /** What a click may hit to reach a control: its label, or the card that its link covers. */
    function targetOf(element) {
      if (element.matches('.card-link')) return element.closest('li');
      if (element.matches('[type=checkbox]')) return element.closest('label');
      return element;
    }
  }, [least, leastOnJudgePages]);
}
