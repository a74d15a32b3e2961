// What officials do with a single sheet and a single mark, and what judges see of it.
import assert from 'node:assert/strict';
import { dialog, fill, visit } from '../support/admin.mjs';
import { createUser, setUp } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { ines, otto, prepare, submitSheets } from '../support/competition.mjs';
import { keyMarks, openSheet, signInToJudge, submit } from '../support/judge.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const paula = { name: 'Paula Tell', email: 'paula@example.org', password: 'every sheet is counted' };
const hugo = { name: 'Hugo Frei', email: 'hugo@example.org', password: 'doors open at seven sharp' };

story('one sheet and one mark are deleted, restored and reopened', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const competition = await prepare(api);
  const { category } = competition;
  await createUser(api, paula, 'TALLY_MASTER');
  await createUser(api, hugo, 'ADMIN');
  const marks = { Ada: ['8', '9'], Ben: ['7', '6'], Cleo: ['5', '5'] };
  await submitSheets(server.url, competition, ines, marks);
  await submitSheets(server.url, competition, otto, { Ben: ['6', '6'] });
  const tally = await enter();
  const organiser = await enter();
  const { page } = tally;
  const board = async (from = page) => {
    await from.goto(`#/categories/${category.id}/sheets`);
    await from.getByRole('table', { name: 'Sheets by entrant and judge' }).waitFor();
  };
  const openFromBoard = (state, judge, entrant) => page
    .getByRole('button', { name: `${state}: sheet of ${judge.name} for ${entrant}` }).click();

  await step('a tally master begins with the sheets and sees who is waited for', async () => {
    await signInAtDesk(page, paula);
    await signInAtDesk(organiser.page, hugo);
    await page.goto(`#/categories/${category.id}`);
    await page.getByText('Waiting for 2 sheets').waitFor();
    await page.getByText('Otto Brandt (2)').waitFor();
    await look(tally, 'tally-sheets');
  });

  await step('a single mark is deleted, and comes back from the message', async () => {
    await openFromBoard('Submitted', ines, 'Ada');
    await dialog(page).getByText('Delete a single mark').click();
    await dialog(page).getByRole('button', { name: 'Delete the mark for Expression' }).click();
    await fill(dialog(page), { Reason: 'Meant for number 2' });
    await look(tally, 'mark-delete');
    await dialog(page).getByRole('button', { name: 'Delete mark' }).click();
    await dialog(page).getByRole('heading', { name: 'Ines Moreau’s sheet for 1 · Ada' }).waitFor();
    await dialog(page).getByText('Not scored').waitFor();
    await dialog(page).getByText('1 mark missing').waitFor();
    await look(tally, 'sheet-mark-deleted');
    await dialog(page).getByRole('button', { name: 'Close' }).click();
  });

  await step('the deleted mark is restored from the trash, and the sheet is whole again', async () => {
    await visit(organiser.page, 'Trash');
    const item = organiser.page.getByRole('listitem').filter({ hasText: 'Meant for number 2' });
    await item.getByText('Mark', { exact: true }).waitFor();
    await item.getByText(/Paula Tell/).waitFor();
    await look(organiser, 'trash-mark');
    await item.getByRole('button', { name: /^Restore/ }).click();
    await item.waitFor({ state: 'detached' });
    await page.reload();
    await openFromBoard('Submitted', ines, 'Ada');
    await dialog(page).getByText('25 of 30').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).click();
  });

  await step('a whole sheet is deleted and restored', async () => {
    await openFromBoard('Submitted', ines, 'Cleo');
    await dialog(page).getByRole('button', { name: 'Delete sheet' }).click();
    await fill(dialog(page), { Reason: 'Judged the rehearsal' });
    await dialog(page).getByRole('button', { name: 'Delete sheet' }).last().click();
    await page.getByText('Waiting for 3 sheets').waitFor();
    await organiser.page.getByRole('button', { name: 'Refresh' }).click();
    const item = organiser.page.getByRole('listitem').filter({ hasText: 'Judged the rehearsal' });
    await item.getByText('Sheet', { exact: true }).waitFor();
    await item.getByRole('button', { name: /^Restore/ }).click();
    await item.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('Waiting for 2 sheets').waitFor();
  });

  const judge = await enter({ phone: true, expected: [409] });
  await step('an official reopens a sheet with a reason; the judge changes it', async () => {
    await openFromBoard('Submitted', ines, 'Ben');
    await dialog(page).getByRole('button', { name: 'Reopen', exact: true }).click();
    await dialog(page).getByRole('button', { name: 'Reopen', exact: true }).click();
    await dialog(page).getByText('Please say why.').waitFor();
    await fill(dialog(page), { Reason: 'Marks were read out wrongly.' });
    await dialog(page).getByRole('button', { name: 'Reopen', exact: true }).click();
    await page.getByText('Sheet reopened.').waitFor();
    await signInToJudge(judge.page, ines);
    await openSheet(judge.page, competition, 'Ben');
    await judge.page.getByText('An official has reopened this sheet').waitFor();
    await look(judge, 'judge-reopened');
    await judge.page.getByRole('button', { name: 'Expression: one step more' }).click();
    await submit(judge.page);
    await judge.page.getByText('Submitted, final').waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await board();
    await page.reload();
    await openFromBoard('Submitted', ines, 'Ben');
    await dialog(page).getByText('Earlier versions').click();
    await dialog(page).getByRole('heading', { name: /^As submitted/ }).waitFor();
    await look(tally, 'sheet-versions');
  });

  await step('two tabs of one judge: a second submission is shown beside the first, and nothing is lost', async () => {
    const first = await enter({ phone: true, late: true, expected: [409] });
    await signInToJudge(first.page, otto);
    const second = { ...first, page: await first.context.newPage() };
    await openSheet(second.page, competition, 'Ada');
    await openSheet(first.page, competition, 'Ada');
    await first.page.bringToFront();
    await keyMarks(first.page, { Technique: '8', Expression: '8' });
    await second.page.bringToFront();
    await keyMarks(second.page, { Technique: '8', Expression: '3' });
    await first.page.bringToFront();
    await submit(first.page);
    await first.page.getByText('Submitted, final').waitFor();
    await second.page.bringToFront();
    await second.page.getByRole('button', { name: 'Review', exact: true }).click();
    await second.page.getByRole('button', { name: 'Submit, final' }).click();
    await second.page.getByRole('heading', { name: 'This sheet was already submitted' }).waitFor();
    assert.deepEqual(await differing(second.page), ['Expression 8', 'Expression 3']);
    await look(second, 'judge-conflict-tabs');
    await second.page.getByRole('button', { name: 'Decide later' }).click();
    await second.page.getByText('This device holds other marks that were not submitted').waitFor();
    await second.page.reload();
    await second.page.getByText('This device holds other marks that were not submitted').waitFor();
    await look(second, 'judge-other-marks');
    await second.page.getByRole('button', { name: 'Discard them' }).click();
    await second.page.getByRole('button', { name: 'Ask to reopen' }).waitFor();
  });

  await step('a judge who recuses by a slip gets the marks back', async () => {
    await openSheet(judge.page, competition, 'Cleo');
    await judge.page.getByText('Submitted, final').waitFor();
    await api.post(sheetPath(competition, 'Cleo', ines, 'reopen'), { reason: 'Once more.' });
    await judge.page.reload();
    await judge.page.getByRole('button', { name: 'Technique: one step more' }).click();
    await judge.page.getByRole('button', { name: /^I may not judge this entrant/ }).click();
    await judge.page.getByRole('button', { name: 'Technique: Recused. Open the keypad' }).waitFor();
    await look(judge, 'judge-recused');
    await judge.page.getByRole('button', { name: /^Undo/ }).click();
    await judge.page.getByRole('button', { name: 'Technique: 5.5. Open the keypad' }).waitFor();
  });
});

const sheetPath = ({ category, entries, judges }, entrant, judge, verb) => (
  `/categories/${category.id}/entries/${entries[entrant].id}/sheets/${judges[judge.name].id}/${verb}`);

/** The lines of the two sheets that are marked as different. */
async function differing(page) {
  const lines = await page.locator('.differs').allInnerTexts();
  return lines.map((line) => line.replace(/\(differs\)/, '').replace(/\s+/g, ' ').trim());
}
