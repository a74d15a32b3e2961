// What a judge does on a phone.
import { signIn } from './people.mjs';

/** Signs in at the judges' address. */
export async function signInToJudge(page, account) {
  await signIn(page, account, { at: 'judge' });
  await page.getByRole('heading', { level: 1, name: 'My judging' }).waitFor();
}

/** Opens the sheet for an entrant by its address. */
export async function openSheet(page, { category, entries }, name) {
  await page.goto(`judge#/judge/categories/${category.id}/${entries[name].id}`);
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Types marks on the keypad, which moves from criterion to criterion by itself. */
export async function keyMarks(page, marks) {
  const [first] = Object.keys(marks);
  await page.getByRole('button', { name: new RegExp(`^${first}: .*Open the keypad$`) }).click();
  for (const [criterion, mark] of Object.entries(marks)) {
    const keypad = page.getByRole('dialog', { name: criterion });
    await keypad.waitFor();
    for (const key of mark) {
      await keypad.getByRole('button', { name: key === '.' ? 'Decimal point' : key, exact: true }).click();
    }
    await keypad.getByRole('button', { name: /^(Next criterion|Done)$/ }).click();
    await keypad.waitFor({ state: 'hidden' });
  }
}

/** Reviews and submits the sheet that is open. */
export async function submit(page) {
  await page.getByRole('button', { name: 'Review', exact: true }).click();
  const review = page.getByRole('dialog', { name: 'Review your sheet' });
  await review.getByRole('button', { name: 'Submit, final' }).click();
  await review.waitFor({ state: 'hidden' });
}
