/** What may stand as a person's name. */
import { keepVisibleText, readVisibleText } from '../visible-text.ts';

const LONGEST = 80;

/** The name as it will be stored, or the sentence that says why it cannot be. */
export function readScreenName(text: string) {
  return readVisibleText(text, LONGEST);
}

/** A name to begin with, made from what the provider says; always a valid one. */
export function firstScreenName(displayName: string, nickname: string): string {
  return keepVisibleText(displayName, LONGEST) || keepVisibleText(nickname, LONGEST) || 'Someone';
}
