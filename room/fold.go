package room

import (
	"encoding/json"
	"maps"
	"slices"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// Fold makes an event of the journal part of the state, as it was when it happened. It is how a node that takes a room over learns it.
func (s *State) Fold(e Event) {
	s.live.clock = max(s.live.clock, e.At)
	s.fold(e)
}

func (s *State) fold(e Event) {
	s.N = max(s.N, e.N)
	s.Seq = max(s.Seq, e.Seq)
	if e.Ref != "" {
		s.Done = append(s.Done[max(0, len(s.Done)+1-doneKept):], e.Ref)
	}
	switch e.Type {
	case evRoomCreated:
		made := e.Hidden.(*roomCreated)
		s.Room, s.Title, s.Language, s.StoryID, s.Settings = made.Room, made.Title, made.Language, made.Story, made.Settings
	case evRoomChanged:
		changed := e.Data.(*RoomChanged)
		s.Locked, s.Slow, s.Shield, s.Settings = changed.Locked, changed.SlowSeconds, changed.Shield, changed.Settings
	case evChatSaid:
		s.foldLine(*e.Data.(*Line))
	case evChatDeleted:
		gone := e.Data.(*ChatDeleted).Line
		s.Chat = slices.DeleteFunc(s.Chat, func(l Line) bool { return l.ID == gone })
	case evViewerJoined, evViewerLeft, evRated, evViewerModerated:
		s.foldPerson(e)
	case evPicked, evRemembered, evForgotten:
		s.foldTaste(e)
	case evPicksShown:
		s.foldShown(e.Hidden.(*picksShown))
	case evStoryChosen:
		s.foldStory(e)
	case evSuggestionMade, evSuggestionDeleted:
		s.foldSuggestion(e)
	case evPollOpened, evPollChanged, evPollClosed, evPollVoided, evBallotCast:
		s.foldPoll(e)
	default:
		held := s.pending() != nil
		s.foldShow(e)
		if held || s.pending() != nil {
			s.live.dirty[evPendingChanged] = true
		}
	}
}

// doneKept is how many commands a room remembers to have done. A node repeats one for 5 s, so a room that does more than 50 per second, ballots
// not counted, may do one twice if its owner dies just then.
const doneKept = 256

func (s *State) foldLine(line Line) {
	s.Chat = append(s.Chat, line)
	if over := len(s.Chat) - ChatKept; over > 0 {
		s.Chat = slices.Delete(s.Chat, 0, over)
	}
}

func (s *State) foldPerson(e Event) {
	switch e.Type {
	case evViewerJoined:
		who := e.Hidden.(*viewerJoined).Viewer
		v := s.person(who)
		if v.Here && v.Name != who.Name {
			s.live.dirty[evViewersChanged] = true
		}
		v.Person = who
		s.arrive(v)
	case evViewerLeft:
		if v := s.People[e.Hidden.(*viewerLeft).Viewer]; v != nil {
			s.depart(v)
			v.LeftN = e.N
			if s.Phase == PhaseEnded {
				s.letGo(v)
			}
			s.forgetSome()
		}
	case evRated:
		rated := e.Hidden.(*viewerRated)
		if v := s.People[rated.Viewer]; v != nil {
			s.countStars(v.Stars, -1)
			v.Stars = rated.Stars
			s.countStars(v.Stars, 1)
		}
		s.live.dirty[evRatingChanged] = true
		s.interested(s.together(CauseRated, "", s.live.raters))
	case evViewerModerated:
		s.foldModeration(*e.Data.(*ViewerModerated))
	}
}

func (s *State) foldModeration(m ViewerModerated) {
	v := s.person(m.Viewer)
	switch m.Action {
	case "mute":
		v.Muted, v.Why = true, m.Why
	case "unmute":
		v.Muted, v.MutedUntil, v.Why = false, 0, ""
	case "timeout":
		v.MutedUntil, v.Why = m.Until, m.Why
	case "ban":
		v.Banned, v.Why = true, m.Why
		if s.Poll != nil && s.Poll.Closed == nil && s.Poll.Vote.Void(v.ID) {
			s.live.dirty[evTallyChanged] = true
		}
		s.depart(v)
		s.withdraw(func(given Suggestion) bool { return given.Viewer == v.ID })
	case "unban":
		v.Banned, v.Why = false, ""
	}
}

func (s *State) foldPoll(e Event) {
	switch data := e.Data.(type) {
	case *PollOpened:
		s.Polls++
		poll, err := vote.New(data.Poll, data.Choices, data.Rules, s.pollSeed(s.Polls))
		if err != nil { // the rules were checked before the event was recorded
			return
		}
		s.Poll = &Poll{PollOpened: *data, Vote: poll}
		if data.About == AboutNext {
			return
		}
		s.Phase = PhasePoll
		for _, c := range data.Choices {
			if !slices.Contains(s.Offered, c.Label) {
				s.Offered = append(s.Offered, c.Label)
			}
		}
		s.Offered = slices.Clone(s.Offered[max(0, len(s.Offered)-offeredKept):])
		if s.Scene != nil {
			s.Scene.PollUsed = true
		}
	case *PollChanged:
		if s.Poll != nil && s.Poll.Poll == data.Poll {
			s.Poll.OpensAt, s.Poll.ClosesAt = data.OpensAt, data.ClosesAt
			awaits, _ := e.Hidden.(*pollAwaits)
			s.Poll.AwaitsHost = awaits != nil && awaits.AwaitsHost
			s.Poll.Vote.Closed = s.Poll.AwaitsHost
			if s.Poll.AwaitsHost {
				s.live.dirty[evTallyChanged] = true // hidden counts are shown when the host has to choose
			}
		}
	case *PollClosed:
		if s.Poll != nil && s.Poll.Poll == data.Poll {
			closed := *data
			s.Poll.Closed, s.Poll.AwaitsHost = &closed, false
			s.Poll.Vote.Closed = true
			if s.Poll.About == AboutNext {
				return
			}
			s.Phase = PhaseReveal
			s.finishStep(data)
			s.keepBallots()
		}
	case *PollVoided:
		if s.Poll != nil && s.Poll.About != AboutNext {
			s.Phase = PhaseTelling
		}
		s.Poll = nil
	case nil:
		cast, ok := e.Hidden.(*ballotCast)
		if ok && s.Poll != nil && s.Poll.Poll == cast.Poll && s.Poll.Vote.Cast(cast.Viewer, cast.Choices) == nil {
			s.live.dirty[evTallyChanged] = true
		}
	}
}

// finishStep writes a poll's outcome into the show's path.
func (s *State) finishStep(closed *PollClosed) {
	if len(s.Path) == 0 {
		return
	}
	step := &s.Path[len(s.Path)-1]
	step.Poll, step.Choice, step.Turnout, step.DecidedBy = closed.Poll, closed.Winner, closed.Turnout, string(closed.DecidedBy)
	for _, c := range s.Poll.Choices {
		if c.ID == closed.Winner {
			step.Label = c.Label
		}
	}
	if closed.Turnout > 0 {
		step.Share = float64(closed.Counts[closed.Winner]) / float64(closed.Turnout)
	}
	s.interested(decided(step.Label, step.DecidedBy))
}

func (s *State) foldShow(e Event) {
	switch e.Type {
	case evShowStarted:
		s.letAllGo()
		s.follow()
		s.From = nil
		s.Show, s.Secret = e.Data.(*ShowStarted).Show, e.Hidden.(*showSecret).Secret
		s.Phase, s.PausedAt, s.Abandoned, s.Polls, s.Path, s.Ended, s.Feelings = PhaseTelling, 0, false, 0, nil, nil, map[string]int{}
		s.Scene, s.Poll, s.Notes, s.Tries, s.Offered, s.Arousal, s.Lean, s.Untold = nil, nil, nil, nil, nil, nil, "", nil
		s.live.stir, s.live.stirAt = 0, e.At
		s.withdrawAll()
		if st, ok := s.story(); ok {
			s.Progress = st.Begin(s.storySeed())
		}
	case evSceneStarted:
		s.foldScene(e)
	case evNarrationWritten:
		if s.Scene != nil {
			s.Scene.Written += e.Hidden.(*narrationWritten).Text
			s.live.runes = nil
		}
	case evNarrationCompleted:
		if done := e.Hidden.(*narrationCompleted); s.Scene != nil {
			s.Scene.Complete, s.Scene.Source, s.Scene.Why = true, done.Source, done.Why
			s.keepUntold(done.Untold)
		}
	case evSceneTold:
		told := e.Data.(*SceneTold)
		if s.Scene != nil {
			s.Scene.ToldAt, s.Scene.Written, s.Scene.Complete, s.Scene.Source, s.Scene.Why = e.At, told.Text, true, told.Source, told.Why
			s.live.runes = nil
			s.foldWay(e.At)
		}
		if n := len(s.Path); n > 0 {
			s.Path[n-1].Text, s.Path[n-1].Source = told.Text, told.Source
		}
		s.interested(s.atScene())
	case evNarrationNoted:
		noted := e.Hidden.(*narrationNoted)
		if s.Notes == nil {
			s.Notes = map[int]json.RawMessage{}
		}
		s.Notes[noted.Number] = noted.Notes
	case evChoicesPlanned:
		s.foldPlanned(e)
	case evRetracted:
		s.foldRetracted(e)
	case evNarrationHeld:
		s.foldHeld(e)
	case evReactionsCounted:
		for feeling, n := range e.Hidden.(*reactionsCounted).Counts {
			s.Feelings[feeling] += n
			if s.Moved == nil {
				s.Moved = map[string]float64{}
			}
			s.Moved[feeling] += float64(n)
		}
	case evAudienceFelt:
		s.foldFelt(e)
	case evShowPaused:
		why, _ := e.Hidden.(*pause)
		s.PausedAt, s.Abandoned = e.At, why != nil && why.Abandoned
	case evShowResumed:
		s.resume(e.At)
	case evShowReset:
		s.letAllGo()
		s.withdrawAll()
		s.Phase, s.PausedAt, s.Abandoned, s.Show, s.Secret, s.Scene, s.Poll, s.Path, s.Ended = PhaseLobby, 0, false, "", nil, nil, nil, nil, nil
		maps.DeleteFunc(s.People, func(_ string, v *View) bool {
			gone := v.forgettable() && !v.Remembered
			if gone {
				s.forget(v)
			}
			return gone
		})
		s.follow()
	case evShowEnded:
		s.learn(e.At)
		s.withdrawAll()
		s.Ended, s.Phase, s.PausedAt, s.Abandoned = e.Data.(*ShowEnded), PhaseEnded, 0, false
		for _, v := range s.People {
			if !v.Here {
				s.letGo(v)
			}
		}
		s.interested(cause{kind: CauseEnded})
	}
}

func (s *State) foldScene(e Event) {
	script := e.Hidden.(*sceneScript)
	s.Progress = script.Progress
	var before []story.Choice
	if next := e.Data.(*SceneStarted); s.Scene != nil && next.Number <= len(s.Path) { // for the one before nobody had a word
		s.disownNotes()
		s.Path = s.Path[:next.Number-1]
	} else if s.Scene != nil {
		before = s.choices()
	}
	s.Scene = &Scene{SceneStarted: *e.Data.(*SceneStarted), Script: script.Scene, TellAt: e.At}
	if cue := script.Scene.Cue; cue != nil && cue.Lean != "" {
		s.Lean = cue.Lean
	}
	if script.Scene.Kind == story.KindText {
		s.Scene.Written, s.Scene.Complete = script.Scene.Text, true
		s.Scene.Source, s.Scene.Why = story.SourceAuthored, "authored"
	}
	for _, c := range before {
		if taken := s.Scene.Taken; taken != nil && c.ID != taken.ID {
			s.Scene.Others = append(s.Scene.Others, vote.Choice{ID: c.ID, Label: c.Label})
		}
	}
	s.Poll, s.Phase = nil, PhaseTelling
	s.withdrawAll()
	if n := len(s.Path); n > 0 && s.Scene.Taken != nil {
		s.Path[n-1].Choice, s.Path[n-1].Label = s.Scene.Taken.ID, s.Scene.Taken.Label
	}
	s.Path = append(s.Path, story.Step{Scene: s.Scene.Scene, Title: s.Scene.Title})
	s.live.ahead, s.live.planBy, s.live.hurry = nil, 0, false
	s.live.runes, s.live.released, s.live.paceFrom, s.live.paceAt = nil, 0, 0, e.At
	s.live.reactions, s.live.recent = map[string]int{}, map[string]int{}
	s.fade()
	s.interested(s.atScene())
}

// resume moves everything that waits by the length of the pause.
func (s *State) resume(now int64) {
	d := now - s.PausedAt
	s.PausedAt, s.Abandoned = 0, false
	s.live.paceAt += d
	s.live.stirAt += d
	if s.Scene != nil {
		s.Scene.TellAt += d
		if s.Scene.AdvanceAt > 0 {
			s.Scene.AdvanceAt += d
		}
		if s.Scene.Held != nil {
			s.Scene.Held.Until += d
		}
	}
	if s.live.planBy > 0 {
		s.live.planBy += d
	}
	if s.Poll != nil {
		s.Poll.OpensAt += d
		s.Poll.ClosesAt += d
		if s.Poll.Closed != nil {
			s.Poll.Closed.NextAt += d
		}
	}
}
