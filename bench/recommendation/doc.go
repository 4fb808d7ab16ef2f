// Package recommendation judges the sidebar's ranking on ratings of real people: the ranking that nodes run, beside methods of the
// literature that are computed in the same run. Start with [Bench].
package recommendation
