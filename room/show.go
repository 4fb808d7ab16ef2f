package room

import (
	"crypto/sha256"
	"fmt"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// Times that are the room's own, in milliseconds. Those that authors and hosts set are in vote.Rules.
const (
	deltaEvery     = 150        // words are released this often
	tallyEvery     = 250        // passing counts are told this often: tally, viewers, reactions, rating
	beatEvery      = 5000       // between two beats
	hostDecides    = 30000      // a tie waits so long for the host
	holdFor        = 60000      // a narrator's words wait so long to be read
	takeoverAtPoll = 5000       // a poll stays open at least so long after a takeover
	presenceGrace  = 10000      // a dropped viewer still counts as here
	abandonedAfter = 10 * 60000 // a show that nobody is there to see stands still until somebody comes
)

// Tick lets time pass: it does all that is due at now and returns what happened.
func (s *State) Tick(now int64) []Event {
	now = s.begin(now)
	s.leave(now)
	s.abandon(now)
	if s.PausedAt == 0 {
		for s.step(now) {
		}
	}
	s.flush(now)
	return s.take()
}

// abandon pauses a show that nobody has seen for a while: one that goes round in circles would else run, and ask its models, for ever.
func (s *State) abandon(now int64) {
	switch {
	case s.live.present > 0 || !s.running() || s.PausedAt > 0:
		s.live.emptyAt = 0
	case s.live.emptyAt == 0:
		s.live.emptyAt = now
	case now >= s.live.emptyAt+abandonedAfter:
		s.record(evShowPaused, "", nil, &pause{Abandoned: true})
	}
}

// Next is when Tick is due, in Unix milliseconds.
func (s *State) Next() int64 {
	next := s.live.beatAt
	sooner := func(at int64) {
		if at > 0 && at < next {
			next = at
		}
	}
	for _, v := range s.live.leaving {
		sooner(v.leftAt + presenceGrace)
	}
	if len(s.live.dirty) > 0 {
		sooner(s.live.flushAt)
	}
	if s.live.sidebarDue {
		sooner(s.live.sidebarAt)
	}
	if s.votingOnNext() {
		sooner(s.Poll.ClosesAt)
	}
	if s.PausedAt > 0 || !s.running() {
		return next
	}
	if s.telling() {
		sooner(s.nextWords())
	}
	if s.Scene != nil && s.Poll == nil {
		sooner(s.Scene.AdvanceAt)
		sooner(s.nextPlan())
	}
	switch p := s.Poll; {
	case p == nil:
	case p.Closed != nil:
		sooner(p.Closed.NextAt)
	default:
		sooner(p.ClosesAt)
	}
	return next
}

// step does the next thing that is due and says whether there may be another.
func (s *State) step(now int64) bool {
	s.release(now)
	switch {
	case s.votingOnNext() && s.pollOver(now):
		s.closePoll(now)
		return true
	case s.Scene == nil || s.Phase == PhaseLobby || s.Phase == PhaseEnded:
		return false
	case s.Poll == nil && s.planOver(now):
		s.offer(story.Plan{})
		return true
	case s.Poll == nil && s.pollDue(now):
		return s.announce(now, s.rules().ArmSeconds)
	case s.Poll == nil && s.Scene.AdvanceAt > 0 && now >= s.Scene.AdvanceAt:
		return s.advance()
	case s.Poll == nil:
		return false
	case s.Poll.Closed != nil && now >= s.Poll.Closed.NextAt:
		return s.advance()
	case s.Poll.Closed == nil && s.pollOver(now):
		s.closePoll(now)
		return true
	}
	return false
}

// pollDue: a poll is announced so early that it opens when the last words are out.
func (s *State) pollDue(now int64) bool {
	sc := s.Scene
	if sc.PollUsed || !sc.Complete || sc.Held != nil || s.awaitsPlan() || len(s.choices()) < 2 {
		return false
	}
	left := s.unreleased()
	return left == 0 || sc.Pace > 0 && float64(left)/sc.Pace <= s.rules().ArmSeconds
}

func (s *State) pollSeed(number int) [32]byte { return s.seed(fmt.Sprintf("poll %d", number)) }

// announce opens a poll after arm seconds.
func (s *State) announce(now int64, arm float64) bool {
	rules := s.rules()
	offered := s.choices()
	choices := make([]vote.Choice, 0, len(offered))
	for _, c := range offered {
		choices = append(choices, vote.Choice{ID: c.ID, Label: c.Label})
	}
	id := s.newID(fmt.Sprintf("poll %d", s.Polls+1))
	poll, err := vote.New(id, choices, rules, s.pollSeed(s.Polls+1))
	if err != nil { // a story's rules that do not fit together: the defaults always do
		rules = vote.DefaultRules()
		if poll, err = vote.New(id, choices, rules, s.pollSeed(s.Polls+1)); err != nil {
			return s.end("")
		}
	}
	s.feel(now)
	opens := now + millis(arm)
	s.record(evPollOpened, "", &PollOpened{
		Poll: id, Scene: s.Scene.Scene, Method: rules.Method, Choices: choices, OpensAt: opens,
		ClosesAt: opens + millis(rules.VoteSeconds), Rules: poll.Rules, DrawHash: poll.DrawHash(),
		Words: s.Scene.PlanWords,
	}, nil)
	s.live.dirty[evTallyChanged] = true
	return true
}

// pollOver: its time is up, or the outcome cannot change and the rules let it close then.
func (s *State) pollOver(now int64) bool {
	p := s.Poll
	if now >= p.ClosesAt {
		return true
	}
	return p.Rules.EarlyClose && !p.AwaitsHost && now >= p.OpensAt && p.Vote.Turnout() > 0 && p.Vote.Decided(s.eligible())
}

// closePoll counts. A tie that the host breaks waits for the host, but not for ever.
func (s *State) closePoll(now int64) {
	p := s.Poll
	if p.AwaitsHost {
		s.reveal(now, p.Vote.SettleListed(s.eligible()))
		return
	}
	result, awaitsHost := p.Vote.Close(s.eligible())
	if awaitsHost {
		s.record(evPollChanged, "", &PollChanged{Poll: p.Poll, OpensAt: p.OpensAt, ClosesAt: now + hostDecides, Why: "awaiting_host"},
			&pollAwaits{AwaitsHost: true})
		return
	}
	s.reveal(now, result)
}

// reveal tells a poll's result; the next scene follows after the tail.
func (s *State) reveal(now int64, result vote.Result) {
	s.tellRest()
	p := s.Poll
	words := map[string]string{}
	for _, language := range vote.Languages() {
		words[language] = result.Words(p.Choices, language)
	}
	s.record(evPollClosed, "", &PollClosed{
		Poll: p.Poll, Result: result, Why: result.Words(p.Choices, s.Language), Words: words,
		NextAt: now + millis(p.Rules.TailSeconds), DrawSeed: p.Vote.DrawSeed(),
	}, nil)
	if p.About == AboutNext {
		s.settleNext(result.Winner)
	}
}

// advance goes where the poll, or the only choice, leads; without any it ends the show.
func (s *State) advance() bool {
	s.feel(s.live.clock)
	choices := s.choices()
	if len(choices) == 0 {
		return s.end(s.Scene.Script.Ending)
	}
	taken := choices[0]
	if s.Poll != nil && s.Poll.Closed != nil {
		for _, c := range choices {
			if c.ID == s.Poll.Closed.Winner {
				taken = c
			}
		}
	}
	st, ok := s.story()
	if !ok {
		return s.end("")
	}
	progress, err := st.Choose(s.Progress, taken)
	if err != nil {
		return s.end("")
	}
	return s.enter(st, progress, taken.Target, &taken)
}

// enter starts a scene. A story that was changed under a running show may have lost the scene: the show then ends.
func (s *State) enter(st *story.Story, progress story.Progress, scene string, taken *story.Choice) bool {
	script, progress, err := s.script(st, progress, scene)
	if err != nil {
		return s.end("")
	}
	s.countReactions()
	number := len(s.Path) + 1
	var by *vote.Choice
	switch {
	case s.Scene != nil && s.Scene.skipped(): // its place in the show is this one's
		number, by = s.Scene.Number, s.Scene.Taken
	case taken != nil:
		by = &vote.Choice{ID: taken.ID, Label: taken.Label}
	}
	s.follows(script.Cue, taken)
	s.record(evSceneStarted, "", &SceneStarted{
		Scene: script.ID, Title: script.Title, Kind: script.Kind, Number: number, Taken: by, Pace: s.pace(script.Rules),
		Ending: script.Ending, CueAhead: script.Cue.Invents() || cueAhead(st, progress, script), StartedAt: s.live.clock,
	}, &sceneScript{Scene: script, Progress: progress})
	s.release(s.live.clock)
	return true
}

// follows adds to a cue what comes of the way to it: nothing to none.
func (s *State) follows(cue *story.Cue, taken *story.Choice) {
	if cue == nil {
		return
	}
	cue.Lean = bend(s.Lean, s.Arousal, cue.Tension)
	if taken != nil {
		cue.Hook = taken.Hook
	}
}

// script is a scene as the story has it, and what viewers suggest for it; of a cue's words, those of the author's that pass the gate: they may
// have to stand in.
func (s *State) script(st *story.Story, progress story.Progress, scene string) (story.Scene, story.Progress, error) {
	script, progress, err := st.Enter(progress, scene)
	if err == nil && script.Cue != nil {
		if s.passes != nil {
			script.Cue = new(script.Cue.Passing(s.passes))
			script.Text = script.Cue.Authored
		}
		script.Cue.Wishes = s.wishes()
	}
	return script, progress, err
}

// start begins a show with fresh randomness. Without it anybody could foretell the draws, so there is no show then.
func (s *State) start(entropy []byte) error {
	if len(entropy) != sha256.Size {
		return Refuse(CodeInternal, "the show has no randomness")
	}
	st, ok := s.comingStory()
	if !ok {
		return Refuse(CodeUnavailable, "this node does not have the story %q", s.coming())
	}
	s.record(evShowStarted, "", &ShowStarted{Show: showID(entropy), Story: Describe(st)}, &showSecret{Secret: entropy, From: s.From})
	s.enter(st, s.Progress, st.Start, nil)
	return nil
}

// end ends the show. ending is the story's name for it, "" when the host or an accident ended it.
func (s *State) end(ending string) bool {
	s.tellRest()
	s.countReactions()
	ended := ShowEnded{Show: s.Show, Ending: ending, Path: recap(s.Path)}
	if s.Scene != nil {
		ended.Title = s.Scene.Title
	}
	if st, ok := s.story(); ok {
		ended.Tree = st.Graph()
	}
	if !s.Shield { // nobody of the staff has read them
		ended.Untold = s.Untold
	}
	s.record(evShowEnded, "", &ended, nil)
	return false
}

func (s *State) countReactions() {
	if s.Scene == nil || len(s.live.reactions) == 0 {
		return
	}
	s.record(evReactionsCounted, "", nil, &reactionsCounted{Scene: s.Scene.Scene, Counts: s.live.reactions})
	s.live.reactions = map[string]int{}
}
