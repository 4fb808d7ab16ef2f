// Package recommend ranks films and stories for a room by what the room did together: what it watched, what it voted, what it felt
// and what several of its viewers marked. Start with [Shipped] or [Load], then [Catalogue.Rank].
//
// The score of an item is
//
//	r = F · M + C
//
// with M the lexical fit of the room's history to the item, F the factor of the room's feelings (1 while there are none) and C what
// stands by itself: the editors' stars and the likeness to what was marked. The best are then thinned out for diversity. Everything
// that can be is computed when a catalogue is loaded; ranking does no I/O, keeps nothing and may run in many rooms at once.
//
// Each pick comes with the [Reason] that has the largest share of its score. A reason never names a person, and speaks of marks only
// when at least two viewers gave them.
//
// The package learns nothing from one room for another and knows nothing of single viewers.
package recommend
