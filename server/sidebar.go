package server

import (
	"sync/atomic"

	"kinoautomat/recommend"
	"kinoautomat/room"
	"kinoautomat/story"
)

// sidebarSize is how many picks a room is shown.
const sidebarSize = 6

// offer is what can be picked as long as the shelf stays as it is.
type offer struct {
	library   *story.Library
	catalogue *recommend.Catalogue // with the library's stories
}

// sidebar is how rooms get their picks: the catalogue with this node's own stories, ranked by what the room has voted and felt. Many
// rooms call what it returns at once.
func (s *Server) sidebar() func(room.Interest) []room.Pick {
	if s.config.Catalogue == nil {
		return nil
	}
	var latest atomic.Pointer[offer]
	today := func() *offer {
		library := s.config.Shelf.Library()
		if o := latest.Load(); o != nil && o.library == library {
			return o
		}
		o := &offer{library, s.config.Catalogue.With(library.Editions())} // two rooms may both make one; they are alike
		latest.Store(o)
		return o
	}
	today() // so that no room waits for the first
	return func(in room.Interest) []room.Pick {
		o := today()
		q := recommend.Query{Path: in.Path, Mood: in.Mood, Feelings: in.Feelings, Liked: in.Liked}
		if st, ok := o.library.Story(in.Story, in.Language); ok {
			q.Story = st
		}
		picks := []room.Pick{}
		for _, p := range o.catalogue.Rank(q, sidebarSize) {
			picks = append(picks, toldPick(p, in.Language))
		}
		return picks
	}
}

// toldPick is a pick as viewers are told it, in the room's language and in every language we speak.
func toldPick(p recommend.Pick, language string) room.Pick {
	words := p.In(language)
	told := room.Pick{
		ID: p.ID, Kind: p.Kind, Title: words.Title, Year: p.Year, Country: p.Country, Director: p.Director,
		Sentence: words.Sentence, Reason: p.Reason.In(language), URL: p.URL, Words: map[string]room.PickText{},
	}
	if told.Country == recommend.UnknownCountry {
		told.Country = ""
	}
	if told.Director == recommend.Unknown {
		told.Director = ""
	}
	for _, l := range recommend.Languages() {
		words := p.In(l)
		told.Words[l] = room.PickText{Title: words.Title, Sentence: words.Sentence, Reason: p.Reason.In(l)}
	}
	return told
}
