package room

import (
	"cmp"
	"fmt"
	"slices"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// Limits of a poll about the next show.
const (
	MinNext = 2 // stories
	MaxNext = 6
)

// errVoting: what the next show is, the audience is deciding.
var errVoting = notNow("the audience is voting on the next show: close or void that poll first")

// nextPoll is the poll about the next show, open or over; nil without one.
func (s *State) nextPoll() *Poll {
	if s.Phase == PhaseEnded && s.Poll != nil && s.Poll.About == AboutNext {
		return s.Poll
	}
	return nil
}

// votingOnNext says whether a poll about the next show is announced or open.
func (s *State) votingOnNext() bool {
	p := s.nextPoll()
	return p != nil && p.Closed == nil
}

// hostSetStory chooses the next show. The same story again changes nothing.
func (s *State) hostSetStory(c Command, d SetStory, _ int64) (any, error) {
	switch {
	case s.running():
		return nil, notNow("a show is running: end it first")
	case s.votingOnNext():
		return nil, errVoting
	}
	st, ok := s.stories.Story(d.Story, s.Language)
	if !ok {
		return nil, Refuse(CodeBadData, "there is no story %.40q here", d.Story)
	}
	if st.ID != s.coming() {
		s.choose(st, false, s.People[c.Viewer].Person)
	}
	return nil, nil
}

// coming is the id of the story that the next show tells.
func (s *State) coming() string {
	if s.Following != nil {
		return s.Following.Story.ID
	}
	return s.StoryID
}

// choose settles what the next show tells. A room that has a story's title gets that of the new one.
func (s *State) choose(st *story.Story, voted bool, by Person) {
	title := s.Title
	if old, ok := s.story(); ok && old.Title == title {
		title = st.Title
	}
	from, shown := s.Shown[storyItem(st.ID)]
	if !shown {
		from = exposed{SourceShelf, 1}
	}
	s.record(evStoryChosen, "", &StoryChosen{Story: Describe(st), Title: title, Voted: voted}, &storyChoice{By: by, From: from})
}

func (s *State) foldStory(e Event) {
	s.Following, s.From = e.Data.(*StoryChosen), &e.Hidden.(*storyChoice).From
	if s.Phase == PhaseLobby {
		s.follow()
	}
	s.live.interestAt++
}

// follow makes the story that was chosen the room's own.
func (s *State) follow() {
	if s.Following == nil {
		return
	}
	s.StoryID, s.Title, s.Language = s.Following.Story.ID, s.Following.Title, s.Following.Story.Language
	s.Following = nil
}

// comingStory is the edition that the next show tells.
func (s *State) comingStory() (*story.Story, bool) {
	if s.Following == nil {
		return s.story()
	}
	return s.stories.Story(s.Following.Story.ID, s.Following.Story.Language)
}

// hostPollNext asks the audience what the next show is.
func (s *State) hostPollNext(_ Command, d PollNext, now int64) (any, error) {
	switch {
	case s.Phase != PhaseEnded:
		return nil, notNow("the next show is voted on when a show has ended")
	case s.votingOnNext():
		return nil, errVoting
	case d.Stories != nil && (len(d.Stories) < MinNext || len(d.Stories) > MaxNext):
		return nil, Refuse(CodeBadData, "a poll about the next show has %d to %d stories", MinNext, MaxNext)
	}
	ids := d.Stories
	if ids == nil {
		ids = s.candidates()
	}
	var choices []vote.Choice
	for _, id := range ids {
		st, ok := s.stories.Story(id, s.Language)
		switch {
		case ok && !slices.ContainsFunc(choices, func(c vote.Choice) bool { return c.ID == st.ID }):
			choices = append(choices, vote.Choice{ID: st.ID, Label: st.Title})
		case d.Stories != nil:
			return nil, Refuse(CodeBadData, "there is no story %.40q here, or it is named twice", id)
		}
	}
	if len(choices) < MinNext {
		return nil, notNow("there are not two stories to choose from")
	}
	return nil, s.announceNext(now, choices)
}

// candidates are the stories at the top of the sidebar, those first that the most viewers want.
func (s *State) candidates() []string {
	ids := slices.Clone(s.live.next)
	slices.SortStableFunc(ids, func(a, b string) int {
		wanted := s.live.marks[PickWanted]
		return cmp.Compare(wanted[storyItem(b)], wanted[storyItem(a)])
	})
	return ids[:min(len(ids), MaxNext)]
}

// announceNext opens a poll about the next show, by the room's own rules.
func (s *State) announceNext(now int64, choices []vote.Choice) error {
	rules := apply(vote.DefaultRules(), s.Settings.Rules)
	id := s.newID(fmt.Sprintf("poll %d", s.Polls+1))
	poll, err := vote.New(id, choices, rules, s.pollSeed(s.Polls+1))
	if err != nil {
		return fmt.Errorf("poll about the next show: %w", err)
	}
	scene := ""
	if s.Scene != nil {
		scene = s.Scene.Scene
	}
	opens := now + millis(rules.ArmSeconds)
	s.record(evPollOpened, "", &PollOpened{
		Poll: id, Scene: scene, Method: rules.Method, Choices: choices, OpensAt: opens, ClosesAt: opens + millis(rules.VoteSeconds), Rules: poll.Rules,
		DrawHash: poll.DrawHash(), About: AboutNext,
	}, nil)
	s.live.dirty[evTallyChanged] = true
	return nil
}

// settleNext makes a poll's winner the next show. A story that has left the shelf meanwhile is not.
func (s *State) settleNext(winner string) {
	if st, ok := s.stories.Story(winner, s.Language); ok && st.ID != s.coming() {
		s.choose(st, true, Person{})
	}
}
