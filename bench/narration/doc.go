// Package narration measures what telling by a language model costs. A Bench does so on a fake backend of its own, whose timing is known: the
// silence between a vote's end and the first words with writing ahead and without, what that costs, and many rooms at once. A Checkup looks at
// real backends and says what an operator can do about what it finds.
package narration
