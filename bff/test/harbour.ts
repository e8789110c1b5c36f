/** The place that most rules of a project are told in: one project, and somebody of each role. */
import { openTerminal } from './command-line.ts';
import { startProduct } from './product.ts';
import { createOrganization, createReadyProject, signUp } from './projects.ts';

/** Tomás' project "pilot" in an organization of Nora's, in which he is an admin and Pim is a member. */
export async function openHarbour() {
  const product = await startProduct();
  const someone = async (nickname: string) => {
    const person = await signUp(product, nickname);
    return { ...person, sem: await openTerminal(product, person) };
  };
  const [nora, tomas, pim] = [await someone('nora'), await someone('tomas'), await someone('pim')];
  const organization = await createOrganization(product, 'harbour', [
    { profileId: nora.profileId, role: 'owner' },
    { profileId: tomas.profileId, role: 'admin' },
    { profileId: pim.profileId, role: 'member' },
  ]);
  const project = await createReadyProject(product, { owner: tomas, organization, name: 'pilot' });
  return { product, nora, tomas, pim, organization, project };
}
