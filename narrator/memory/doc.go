// Package memory is what the narrator remembers of a show, and in which order it is put into a prompt.
//
// Use Compose first: from a Show (its Bible, its Beats, its Lore) and the Tail of this turn it makes a Prompt that fits a Budget. The
// order decides what a prompt costs. What never changes comes first, then the beats, which only grow, then everything that belongs to
// this turn alone; so a backend that keeps the prefix of the last prompt has little left to read. When the beats fill the window, the
// older half is put into one line each, all at once: one expensive prompt instead of a window that slides at every beat.
//
// NewLedger says which facts hold, and its Check finds sentences that contradict them: the dead who act, lost things in use, a person in
// two places, the wrong time of day; in English and Chinese, by patterns, without a model. Threads says which questions are open.
//
// The package is pure: equal arguments give equal bytes. It reads no clock, draws no random number and keeps nothing between two calls.
// Nothing that viewers wrote belongs into its arguments; the audience's signal is a measurement.
package memory
