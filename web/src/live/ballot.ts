import type { Method } from '../proto/gen';

/** The ballot after a tap on a choice. A ballot is never empty again: the room does not take an empty one. */
export function tap(method: Method, ballot: readonly string[], choice: string): string[] {
  const marked = ballot.includes(choice);
  switch (method) {
    case 'plurality':
      return [choice];
    case 'approval':
    case 'ranked':
      if (!marked) return [...ballot, choice];
      return ballot.length === 1 ? [choice] : ballot.filter((other) => other !== choice);
  }
}
