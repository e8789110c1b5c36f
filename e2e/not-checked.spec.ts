import {
  createProject,
  expectStates,
  openOrganization,
  openTab,
  repositoryOf,
  row,
  settled,
} from './fixtures/projects.ts';
import { expect, test } from './fixtures/test.ts';

for (const mode of ['503', '429-retry-after', 'wrong-type'] as const) {
  test(`a fault of Bitbucket (${mode}) is never red: not checked, with the last result`, async ({
    page,
    outside,
    service,
  }) => {
    const owner = outside.someoneAt('bitbucket');
    const { fullName } = await repositoryOf(service, owner);
    const org = await openOrganization(page, owner);
    await createProject(page, org, fullName, 'fog');
    outside.fault('bitbucket:api', mode);
    await openTab(page, org, 'fog');
    await expectStates(page, {
      'OAuth API token owner': 'Not checked',
      'Deploy Key': 'Not checked',
      Webhook: 'Not checked',
      'Pipeline file': 'Not checked',
    });
    await expect(row(page, 'Webhook').getByRole('button', { name: 'Check again' })).toBeVisible();
    await expect(row(page, 'Webhook')).toContainText(/healthy/i);
    outside.clear();
    if (mode === '429-retry-after') return;
    await row(page, 'Webhook').getByRole('button', { name: 'Check again' }).click();
    await settled(page);
    await expectStates(page);
  });
}
