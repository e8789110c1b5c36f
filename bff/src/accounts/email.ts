/**
 * What makes two e-mail addresses the same one: all but the case of letters. Only letters that have two cases are
 * folded; look-alikes (the Kelvin sign, a full-width @) stay what they are, since folding them would hand one person's
 * address to another.
 */
export function emailKey(address: string): string {
  return [...address].map(foldCase).join('');
}

function foldCase(character: string): string {
  const lower = character.toLowerCase();
  return lower.toUpperCase() === character ? lower : character;
}
