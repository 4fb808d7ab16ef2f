package room

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// flush tells what passes: the counts that changed, and the beat.
func (s *State) flush(now int64) {
	if len(s.live.dirty) > 0 && now >= s.live.flushAt {
		s.live.flushAt = now + tallyEvery
		if s.live.dirty[evTallyChanged] && s.Poll != nil && s.Poll.Closed == nil {
			s.pass(evTallyChanged, new(s.tally()))
		}
		if s.live.dirty[evViewersChanged] {
			s.pass(evViewersChanged, new(s.viewers()))
		}
		if s.live.dirty[evReactionsChanged] && s.Scene != nil {
			s.pass(evReactionsChanged, s.reactions())
			s.live.recent = map[string]int{}
		}
		if s.live.dirty[evRatingChanged] {
			s.pass(evRatingChanged, new(s.rating()))
		}
		if s.live.dirty[evPendingChanged] {
			s.tellStaff(evPendingChanged, &PendingChanged{Pending: s.pending()})
		}
		if s.live.dirty[evSuggestionsChanged] {
			s.tellStaff(evSuggestionsChanged, &SuggestionsChanged{Suggestions: append([]Suggestion{}, s.Suggestions...)})
		}
		if s.live.dirty[evSidebarChanged] && s.live.picks != nil {
			s.tellPicks(nil)
		}
		clear(s.live.dirty)
	}
	s.tellSidebar(now)
	if now >= s.live.beatAt {
		s.live.beatAt = now + beatEvery
		s.pass(evBeat, &Beat{Seq: s.Seq})
	}
}

func (s *State) tally() TallyChanged {
	p := s.Poll
	tally := TallyChanged{Poll: p.Poll, Turnout: p.Vote.Turnout(), Eligible: s.eligible()}
	if p.Rules.Tallies == vote.Live || p.AwaitsHost || p.Closed != nil {
		tally.Counts = p.Vote.Counts()
	}
	return tally
}

func (s *State) viewers() ViewersChanged {
	if s.live.present > PeopleNamed {
		return ViewersChanged{Count: s.live.present}
	}
	here := make([]Person, 0, s.live.present)
	for _, v := range s.People {
		if v.Here {
			here = append(here, v.Person)
		}
	}
	slices.SortFunc(here, func(a, b Person) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return ViewersChanged{Count: len(here), People: here}
}

func (s *State) reactions() *ReactionsChanged {
	if s.Scene == nil {
		return nil
	}
	return &ReactionsChanged{Scene: s.Scene.Scene, Counts: maps.Clone(s.live.reactions), Recent: maps.Clone(s.live.recent)}
}

func (s *State) rating() RatingChanged {
	if s.live.raters == 0 {
		return RatingChanged{}
	}
	return RatingChanged{Count: s.live.raters, Average: float64(s.live.stars) / float64(s.live.raters)}
}

// recap is the path as viewers are told it.
func recap(path []story.Step) []story.Step {
	steps := slices.Clone(path[max(0, len(path)-RecapSteps):])
	for i := range steps {
		steps[i].Text = ""
	}
	if steps == nil {
		steps = []story.Step{}
	}
	return steps
}

// Snapshot is what a joiner sees; staff also see who is moderated and what waits to be read.
func (s *State) Snapshot(staff bool) *Snapshot {
	snap := &Snapshot{
		Room: s.Room, Title: s.Title, Language: s.Language, Show: s.Show, Phase: s.Phase, Paused: s.PausedAt > 0, PausedAt: s.PausedAt,
		Recap: recap(s.Path), Ended: s.Ended, Chat: slices.Clone(s.Chat), Viewers: s.viewers(), Reactions: s.reactions(),
		Rating: s.rating(), Picks: s.counted(s.live.told), Next: s.Following, At: s.live.clock, Seq: s.Seq,
		RoomState: s.roomState(),
	}
	if st, ok := s.story(); ok {
		snap.Story = Describe(st)
	} else {
		snap.Story = StoryInfo{ID: s.StoryID, Title: s.StoryID, Language: s.Language}
	}
	if s.Scene != nil {
		now := SceneNow{SceneStarted: s.Scene.SceneStarted, Text: string(s.text()[:s.live.released]), Told: s.Scene.ToldAt > 0, Held: s.Scene.Held != nil}
		if now.Told {
			now.Text, now.Source, now.Why = s.Scene.Written, s.Scene.Source, s.Scene.Why
		}
		snap.Scene = &now
	}
	if s.Poll != nil {
		snap.Poll = &PollNow{PollOpened: s.Poll.PollOpened, Tally: s.tally(), AwaitsHost: s.Poll.AwaitsHost, Closed: s.Poll.Closed}
	}
	if snap.Chat == nil {
		snap.Chat = []Line{}
	}
	if snap.Picks == nil {
		snap.Picks = []Pick{}
	}
	if staff {
		snap.Moderated, snap.Pending, snap.Suggestions = s.moderated(), s.pending(), slices.Clone(s.Suggestions)
		if s.Scene != nil {
			snap.Planned = s.Scene.Plan
		}
	}
	return snap
}

// PassingOf is what passes of an encoded snapshot, as it would be told now: for somebody who has all numbered events.
func PassingOf(snapshot []byte) ([]Event, error) {
	var s struct {
		At    int64 `json:"at"`
		Scene *struct {
			Scene string `json:"scene"`
			Text  string `json:"text"`
			Told  bool   `json:"told"`
		} `json:"scene"`
		Poll *struct {
			Tally  json.RawMessage `json:"tally"`
			Closed json.RawMessage `json:"closed"`
		} `json:"poll"`
		Viewers   json.RawMessage `json:"viewers"`
		Reactions json.RawMessage `json:"reactions"`
		Rating    json.RawMessage `json:"rating"`
		Picks     []Pick          `json:"picks"`
	}
	if err := json.Unmarshal(snapshot, &s); err != nil {
		return nil, err
	}
	var events []Event
	pass := func(kind string, data any) { events = append(events, Event{At: s.At, Type: kind, Data: data}) }
	if sc := s.Scene; sc != nil && !sc.Told && sc.Text != "" {
		pass(evNarrationDelta, &NarrationDelta{Scene: sc.Scene, Text: sc.Text})
	}
	if s.Poll != nil && s.Poll.Closed == nil {
		pass(evTallyChanged, s.Poll.Tally)
	}
	pass(evViewersChanged, s.Viewers)
	if s.Reactions != nil {
		pass(evReactionsChanged, s.Reactions)
	}
	pass(evRatingChanged, s.Rating)
	pass(evSidebarChanged, &SidebarChanged{Picks: s.Picks})
	return events, nil
}

// moderated are the mutes, timeouts and bans in force, by name.
func (s *State) moderated() []ViewerModerated {
	var list []ViewerModerated
	for _, v := range s.People {
		m := ViewerModerated{Viewer: v.Person, Why: v.Why}
		switch {
		case v.Banned:
			m.Action = "ban"
		case v.Muted:
			m.Action = "mute"
		case v.MutedUntil > s.live.clock:
			m.Action, m.Until = "timeout", v.MutedUntil
		default:
			continue
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b ViewerModerated) int { return cmp.Compare(a.Viewer.ID, b.Viewer.ID) })
	return list
}

// welcome answers a join.
func (s *State) welcome(c Command) *Welcome {
	w := &Welcome{
		Viewer:   Person{ID: c.Viewer, Name: c.Name, Role: c.Role},
		Snapshot: s.Snapshot(slices.Contains(staff, c.Role)),
		Seq:      s.Seq,
	}
	v := s.People[c.Viewer]
	if v == nil {
		return w
	}
	w.Viewer = v.Person
	w.Own = Own{
		Stars: v.Stars, Picks: v.Picks, Dismissed: v.Dismissed, Wanted: v.Wanted, Remembered: v.Remembered, Muted: v.Muted, Suggestion: s.suggestionOf(c.Viewer),
	}
	if v.MutedUntil > s.live.clock {
		w.Own.Until = v.MutedUntil
	}
	if s.Poll != nil && s.Poll.Closed == nil {
		if ballot := s.Poll.Vote.Ballot(c.Viewer); ballot != nil {
			w.Own.Ballot = &Vote{Poll: s.Poll.Poll, Choices: ballot}
		}
	}
	return w
}
