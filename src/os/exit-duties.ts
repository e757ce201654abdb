/** What a natural exit must still do for the names that this thread has open. */
const duties = new Set<() => void>();

function doAll(): void {
  for (const duty of duties) {
    try {
      duty();
    } catch {
      // Nobody is left to tell, and the others' duties remain.
    }
  }
}

/** Runs `duty` when the thread ends by itself. Answers how to take it back. */
export function atExit(duty: () => void): () => void {
  if (duties.size === 0) process.once('exit', doAll);
  duties.add(duty);
  return () => {
    duties.delete(duty);
    if (duties.size === 0) process.off('exit', doAll);
  };
}
