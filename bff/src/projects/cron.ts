/** When a task runs by itself: a cron expression of five fields, in UTC. Pure. */
import { CronExpressionParser } from 'cron-parser';

/** What is wrong with the expression; null: nothing. */
export function refuseCron(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return 'it takes five fields: minute, hour, day of month, month, day of week';
  // The parser would choose such a value by chance, wherever in a field it stands.
  if (fields.some((field) => field.replaceAll(/thu/gi, '').includes('H'))) return 'H stands for no time';
  try {
    CronExpressionParser.parse(fields.join(' '), { tz: 'UTC', currentDate: new Date(0) });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}
