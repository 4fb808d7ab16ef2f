// Package recommend ranks films and stories for a room by what the room did together, what it watched, voted and felt, and by what its
// members and other people like. Start with [Shipped] or [Load], then [Catalogue.Rank].
//
// The score of an item is
//
//	r = F · M + C
//
// with M the fit of the room's history to the item (lexical, and of meanings where [Meanings] are given), F the factor of the room's
// feelings (1 while there are none, and for items whose mood nobody wrote down) and C what stands by itself: what people like, the
// editors' stars until enough people do, and the likeness to what was marked. The best are then thinned out for diversity.
//
// What people like is counted in [Counts], which add up over nodes, and made a [Model] by a [Training]. Whoever owns a catalogue trains in
// the background and swaps [Catalogue.WithModel] in. Everything that can be is computed then; ranking does no I/O, keeps nothing but the
// vectors of texts it has read, and may run in many rooms at once.
//
// Each pick comes with the [Reason] that has the largest share of its score. A reason never names a person, and speaks of marks only
// when at least two viewers gave them. What few people did together ([MinPeople]) is used for nobody.
package recommend
