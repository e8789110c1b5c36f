/**
 * What makes two e-mail addresses the same one: all but the case of ASCII letters. Nothing is normalised beyond that,
 * since folding look-alikes (the Kelvin sign, a full-width @) would hand one person's address to another.
 */
export function emailKey(address: string): string {
  return address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
