package server

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"kinoautomat/recommend"
	"kinoautomat/room"
	"kinoautomat/story"
)

const (
	sidebarSize  = 6    // picks that a room is shown, and a viewer of their own
	openedWeight = 0.3  // of having opened a pick, where a mark has 1; our own estimate
	leastShare   = 0.05 // of what speaks for a pick, for a reason to be told
	ranked       = 50   // stories that are looked at for the next show
)

// offer is what can be picked as long as the shelf stays as it is and nothing new is learned.
type offer struct {
	library   *story.Library
	catalogue *recommend.Catalogue // with the library's stories
	stories   *recommend.Catalogue // these alone; nil where they cannot be ranked
}

// sidebar is how rooms get their picks: the catalogue with this node's own stories, ranked by what the room has voted and felt. Many
// rooms call it at once. It is nil where there is no catalogue.
func (s *Server) sidebar() func(room.Interest) room.Sidebar {
	if s.config.Catalogue == nil {
		return nil
	}
	var latest atomic.Pointer[offer]
	today := func() *offer {
		library, model := s.config.Shelf.Library(), s.model.Load()
		o := latest.Load()
		if o != nil && o.library == library && o.catalogue.Model() == model {
			return o
		}
		if o == nil || o.library != library { // two rooms may both make one; they are alike
			o = &offer{library: library, catalogue: s.config.Catalogue.With(library.Editions())}
			if none, err := recommend.New(nil); err == nil {
				o.stories = none.With(library.Editions())
			}
		}
		o = &offer{library: library, catalogue: o.catalogue.WithModel(model), stories: o.stories}
		latest.Store(o)
		return o
	}
	today() // so that no room waits for the first
	return func(in room.Interest) room.Sidebar {
		o := today()
		q := queryOf(in, o.library)
		list := room.Sidebar{Picks: toldPicks(o.catalogue.Rank(q, sidebarSize), in.Language)}
		if o.stories != nil {
			q.Turn, q.Explore = 0, 0
			list.Next = o.next(q, in.Language)
		}
		return list
	}
}

// next are the stories that a room could watch next, best first: those that are told in its language, if that leaves a choice.
func (o *offer) next(q recommend.Query, language string) []string {
	var ours, all []string
	for _, p := range o.stories.Rank(q, ranked) {
		id := strings.TrimPrefix(p.ID, "story:")
		if st, ok := o.library.Story(id, language); ok && baseLanguage(st.Language) == baseLanguage(language) {
			ours = append(ours, id)
		}
		all = append(all, id)
	}
	if len(ours) < room.MinNext {
		ours = all
	}
	return ours[:min(len(ours), room.MaxNext)]
}

// queryOf asks for a room's picks, or a viewer's.
func queryOf(in room.Interest, library *story.Library) recommend.Query {
	q := recommend.Query{
		Path: in.Path, Mood: in.Mood, Feelings: in.Feelings, Liked: in.Liked, Seen: in.Vetoed, Turn: in.Turn, Explore: in.Explore,
	}
	if st, ok := library.Story(in.Story, in.Language); ok {
		q.Story = st
	}
	for _, taste := range in.Tastes {
		var m recommend.Member
		for _, id := range taste.Opened {
			if !slices.Contains(taste.Liked, id) {
				m.Liked = append(m.Liked, recommend.Like{ID: id, Weight: openedWeight})
			}
		}
		for _, id := range taste.Liked {
			m.Liked = append(m.Liked, recommend.Like{ID: id})
		}
		q.Members = append(q.Members, m)
	}
	return q
}

// toldPicks are picks as viewers are told them. Where a pick above has given the same reason, the largest of its own that none has given is told
// instead.
func toldPicks(picks []recommend.Pick, language string) []room.Pick {
	told, given := []room.Pick{}, map[string]bool{}
	for _, p := range picks {
		reasons := toldReasons(p.Shares)
		reason := sayReason(p.Reason)
		for _, other := range reasons {
			if given[reason["en"]] && !given[other.Words["en"]] {
				reason = other.Words
			}
		}
		given[reason["en"]] = true
		told = append(told, toldPick(p, reason, reasons, language))
	}
	return told
}

// toldPick is a pick in the room's language and in every language we speak.
func toldPick(p recommend.Pick, reason map[string]string, reasons []room.PickReason, language string) room.Pick {
	words := p.In(language)
	told := room.Pick{
		ID: p.ID, Kind: p.Kind, Title: words.Title, Year: p.Year, Country: p.Country, Director: p.Director,
		Sentence: words.Sentence, Reason: cmp.Or(reason[language], reason["en"]), URL: p.URL, Words: map[string]room.PickText{}, Reasons: reasons,
		Source: room.SourceRanked, Chance: p.Chance,
	}
	if told.Country == recommend.UnknownCountry {
		told.Country = ""
	}
	if told.Director == recommend.Unknown {
		told.Director = ""
	}
	if p.Chance < 1 {
		told.Source = room.SourceExplored
	}
	for _, l := range recommend.Languages() {
		words := p.In(l)
		told.Words[l] = room.PickText{Title: words.Title, Sentence: words.Sentence, Reason: reason[l]}
	}
	return told
}

// toldReasons are the parts that speak for a pick, as shares of all that do.
func toldReasons(shares []recommend.Share) []room.PickReason {
	var all []room.PickReason
	sum := 0.0
	for _, share := range shares {
		if share.Value <= 0 {
			continue
		}
		sum += share.Value
		words := sayReason(share.Reason)
		if i := slices.IndexFunc(all, func(r room.PickReason) bool { return r.Words["en"] == words["en"] }); i >= 0 {
			all[i].Share += share.Value
			continue
		}
		all = append(all, room.PickReason{Share: share.Value, Words: words})
	}
	slices.SortStableFunc(all, func(a, b room.PickReason) int { return int(math.Copysign(1, b.Share-a.Share)) })
	all = slices.DeleteFunc(all, func(r room.PickReason) bool { return r.Share < leastShare*sum })
	all = all[:min(len(all), room.MaxReasons)]
	for i := range all {
		all[i].Share = math.Round(100*all[i].Share/sum) / 100
	}
	return all
}

// ownBallot says why a pick is like what a viewer voted for and the room did not.
var ownBallot = map[string]string{"en": "Because you voted for “{quote}”", "zh-Hans": "因为你投了“{quote}”"}

// sayReason says a reason in every language we speak; of a viewer's own vote, in words of its own.
func sayReason(r recommend.Reason) map[string]string {
	words := map[string]string{}
	for _, l := range recommend.Languages() {
		words[l] = r.In(l)
		if _, after, own := strings.Cut(words[l], room.OwnBallot); own {
			quote := after[:max(0, strings.LastIndex(after, "”"))]
			words[l] = strings.ReplaceAll(ownBallot[l], "{quote}", quote)
		}
	}
	return words
}
