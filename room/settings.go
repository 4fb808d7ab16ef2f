package room

import (
	"math"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// Limits of a room. They are part of the protocol and documented there.
const (
	MaxNameLength       = 40     // characters of a viewer's name
	MaxTitleLength      = 80     // characters of a room's title
	MaxLineLength       = 300    // characters of a line of chat
	MaxWhyLength        = 200    // characters of a moderator's reason
	MaxSuggestionLength = 140    // characters of a suggestion
	MaxEditLength       = 4000   // characters that the staff put in a narrator's stead: as many as a scene of a narrator's has at most
	MaxCapacity         = 100000 // viewers that a room can be set to hold
	DefaultCapacity     = 10000
	MaxPace             = 1000 // characters per second
	MaxExtend           = 3600 // seconds that extend_poll adds at most
	MaxTimeout          = 86400
	MaxSlow             = 300
	UntoldKept          = 8     // texts of roads not taken that are told at the end of a show: the last ones
	MaxUntoldLength     = 600   // characters of one
	RecapSteps          = 60    // scenes kept in a snapshot's recap
	SuggestionsKept     = 50    // suggestions for one scene; beyond them the oldest goes
	MaxWishes           = 5     // suggestions that the narrator gets of them
	ChatKept            = 50    // lines of chat in a snapshot
	PeopleNamed         = 50    // names are sent while at most so many are here
	GoneKept            = 10000 // people who have gone and are remembered: name, rating, picks; beyond it the first tenth to go is forgotten
)

// Pace of reading when neither story nor room says: characters per second.
const (
	defaultPace        = 24
	defaultPaceChinese = 10
)

// Check says what is wrong with settings, naming the field; nil when all is well.
func (s Settings) Check() *Error {
	rules := apply(vote.DefaultRules(), s.Rules)
	if err := rules.Check(); err != nil {
		return Refuse(CodeBadData, "settings: %s", err)
	}
	if p := s.Pace; p != nil && (math.IsNaN(*p) || *p < 0 || *p > MaxPace) {
		return Refuse(CodeBadData, "settings: pace must be between 0 and %d characters per second", MaxPace)
	}
	if c := s.Capacity; c != nil && (*c < 1 || *c > MaxCapacity) {
		return Refuse(CodeBadData, "settings: capacity must be between 1 and %d", MaxCapacity)
	}
	return nil
}

// with lays newer settings over s; absent ones keep what s says.
func (s Settings) with(newer Settings) Settings {
	s.ArmSeconds = or(newer.ArmSeconds, s.ArmSeconds)
	s.VoteSeconds = or(newer.VoteSeconds, s.VoteSeconds)
	s.TailSeconds = or(newer.TailSeconds, s.TailSeconds)
	s.Pace = or(newer.Pace, s.Pace)
	s.Method = or(newer.Method, s.Method)
	s.Tie = or(newer.Tie, s.Tie)
	s.Quorum = or(newer.Quorum, s.Quorum)
	s.Tallies = or(newer.Tallies, s.Tallies)
	s.ChangeVotes = or(newer.ChangeVotes, s.ChangeVotes)
	s.EarlyClose = or(newer.EarlyClose, s.EarlyClose)
	s.Public = or(newer.Public, s.Public)
	s.Capacity = or(newer.Capacity, s.Capacity)
	s.Suggestions = or(newer.Suggestions, s.Suggestions)
	return s
}

func or[T any](newer, older *T) *T {
	if newer != nil {
		return newer
	}
	return older
}

func set[T any](into *T, value *T) {
	if value != nil {
		*into = *value
	}
}

// apply lays what a story or a room says over rules.
func apply(rules vote.Rules, over story.Rules) vote.Rules {
	set(&rules.ArmSeconds, over.ArmSeconds)
	set(&rules.VoteSeconds, over.VoteSeconds)
	set(&rules.TailSeconds, over.TailSeconds)
	set(&rules.Quorum, over.Quorum)
	set(&rules.ChangeVotes, over.ChangeVotes)
	set(&rules.EarlyClose, over.EarlyClose)
	if over.Method != nil {
		rules.Method = vote.Method(*over.Method)
	}
	if over.Tie != nil {
		rules.Tie = vote.Tie(*over.Tie)
	}
	if over.Tallies != nil {
		rules.Tallies = vote.Tallies(*over.Tallies)
	}
	return rules
}

// rules are those that a poll opened now would have: the story's, then the scene's, then the room's.
func (s *State) rules() vote.Rules {
	rules := vote.DefaultRules()
	if st, ok := s.story(); ok {
		rules = apply(rules, st.Rules)
	}
	if s.Scene != nil {
		rules = apply(rules, s.Scene.Script.Rules)
		if rules.Default = s.Scene.Script.Default; len(s.Scene.Invented) > 0 {
			rules.Default = "" // that was one of the author's
		}
	}
	return apply(rules, s.Settings.Rules)
}

// pace is in characters per second; 0 tells a scene at once.
func (s *State) pace(scene story.Rules) float64 {
	pace := float64(defaultPace)
	if len(s.Language) >= 2 && s.Language[:2] == "zh" {
		pace = defaultPaceChinese
	}
	if st, ok := s.story(); ok {
		set(&pace, st.Rules.Pace)
	}
	set(&pace, scene.Pace)
	set(&pace, s.Settings.Pace)
	return pace
}

func (s *State) capacity() int {
	if s.Settings.Capacity != nil {
		return *s.Settings.Capacity
	}
	return DefaultCapacity
}

// millis turns seconds into milliseconds.
func millis(seconds float64) int64 { return int64(math.Round(seconds * 1000)) }
