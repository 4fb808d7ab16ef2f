package story

import (
	"errors"
	"fmt"
	"maps"
	"unicode/utf8"
)

// Begin is a show's progress before its first scene: StoryInit and the passages tagged startup have made their assignments.
// Equal seeds make equal shows. Enter(progress, story.Start) comes next.
func (s *Story) Begin(seed uint64) Progress {
	p, _ := s.begin(seed) // Parse refuses a story for which this fails; with another seed what was set so far stays
	return p
}

func (s *Story) begin(seed uint64) (Progress, error) {
	r := newRun(Progress{Seed: seed})
	for _, u := range s.setup {
		before, draws := maps.Clone(r.p.Vars), r.p.Draws
		err := r.render(u.body)
		r.temps, r.choices = nil, nil
		if err == nil || errors.Is(err, errJump) {
			err = r.checkVars()
		}
		if err != nil {
			r.p.Vars, r.p.Draws = before, draws
			return r.p, fmt.Errorf("begin %q: %w", s.ID, err)
		}
	}
	return r.p, nil
}

// Enter tells a scene: it makes the passage's assignments, decides its conditions and follows its gotos. The new progress has one more
// visit and one more turn; p stays as it is. The error is [ErrNoSuchScene] or [ErrLimit], and then the progress is p.
func (s *Story) Enter(p Progress, scene string) (Scene, Progress, error) {
	r := newRun(p)
	r.p.Turns++
	u, err := s.follow(r, scene)
	var told Scene
	if err == nil {
		told, err = s.scene(r, u)
	}
	if err != nil {
		return Scene{}, p, fmt.Errorf("enter %q: %w", scene, err)
	}
	return told, r.p, nil
}

// follow renders a passage and those that it jumps to; the last is the scene.
func (s *Story) follow(r *run, name string) (*unit, error) {
	for {
		u := s.units[name]
		if u == nil || !u.scene {
			return nil, ErrNoSuchScene
		}
		u, err := s.beat(r, u)
		if err != nil {
			return nil, err
		}
		if r.p.Visits == nil {
			r.p.Visits = map[string]int{}
		}
		r.p.Scene = u.name
		r.p.Visits[u.name]++
		r.out.Reset()
		r.temps, r.choices, r.silent = nil, nil, false
		if err = r.step(1); err == nil {
			err = r.render(u.body)
		}
		if err == nil {
			return u, r.checkVars()
		}
		if !errors.Is(err, errJump) {
			return nil, err
		}
		name = r.jump
	}
}

// scene is what was rendered, as a show gets it.
func (s *Story) scene(r *run, u *unit) (Scene, error) {
	told := Scene{ID: u.name, Title: u.title, Kind: KindText, Text: plain(r.out.String()), Rules: u.rules}
	if utf8.RuneCountInString(told.Text) > MaxTextRunes {
		return Scene{}, &LimitError{What: "characters of a scene's text", Max: MaxTextRunes}
	}
	switch lead := s.lead(r, u, &told); {
	case lead:
	case u.ends:
		told.Ending = u.ending
	case len(r.choices) == 0:
		told.Ending = u.title
	default:
		told.offer(r.choices, u)
	}
	if u.cue == nil {
		return told, nil
	}
	told.Kind = KindCue
	cue, err := s.cue(r, u.cue, told)
	if err != nil {
		return Scene{}, err
	}
	if told.Cue = cue; cue.Bridge != nil && cue.Bridge.Beat > 1 { // what the passage says stands in once
		told.Text, cue.Authored = "", ""
	}
	return told, nil
}

// offer makes choices of the links of a passage.
func (told *Scene) offer(links []numbered, u *unit) {
	for _, c := range links {
		told.Choices = append(told.Choices, c.Choice)
		if c.number == u.byDefault {
			told.Default = c.ID
		}
	}
}

// cue is what the author tells the narrator, with the variables as they are now. Rendering it changes nothing in the show.
func (s *Story) cue(r *run, plan *cuePlan, told Scene) (*Cue, error) {
	cue := &Cue{
		MaxChars: plan.maxChars, Scene: told.ID, Language: s.Language, Title: s.Title, Summary: s.Summary, Authored: told.Text,
	}
	var err error
	if cue.Direction, err = r.aside(plan.direction); err != nil {
		return nil, err
	}
	if cue.Direction == "" {
		cue.Direction = told.Text
	}
	if utf8.RuneCountInString(cue.Direction) > MaxDirectionRunes {
		return nil, &LimitError{What: "characters of a direction", Max: MaxDirectionRunes}
	}
	if cue.Mood, err = r.aside(plan.mood); err != nil {
		return nil, err
	}
	beat := 1
	if plan.bridge != nil {
		beat = r.p.Bridge.Beat
		if cue.Bridge, err = s.between(r, plan, told); err != nil {
			return nil, err
		}
	}
	cue.Tension = plan.tensionAt(beat)
	for _, name := range plan.standIns(beat) {
		text, err := r.aside(s.units[name].body)
		if err != nil {
			return nil, err
		}
		if utf8.RuneCountInString(text) > MaxTextRunes {
			return nil, &LimitError{What: "characters of a reserve text", Max: MaxTextRunes}
		}
		if text != "" {
			cue.Reserve = append(cue.Reserve, text)
		}
	}
	if r.p.Bridge.Scene != "" && len(told.Choices) < 2 || plan.bridge != nil { // nothing that the audience could know of
		return cue, nil
	}
	for _, c := range told.Choices {
		cue.Next = append(cue.Next, c.Label)
	}
	return cue, nil
}

// Choose makes the assignments of a choice of the current scene; Enter(progress, c.Target) comes next. p stays as it is.
// The error is [ErrNoSuchChoice], if the choice leads to nothing in this story, or [ErrLimit], and then the progress is p.
func (s *Story) Choose(p Progress, c Choice) (Progress, error) {
	if u := s.units[c.Target]; u == nil || !u.scene {
		return p, fmt.Errorf("choose %q: %w", c.Label, ErrNoSuchChoice)
	}
	r := newRun(p)
	for _, effect := range c.Effects {
		all, err := parseAssignments(effect, false)
		if err != nil && !errors.Is(err, ErrLimit) {
			continue // the report said so
		}
		if err == nil {
			err = r.assign(all)
		}
		if err != nil {
			return p, fmt.Errorf("choose %q: %w", c.Label, err)
		}
	}
	if err := r.checkVars(); err != nil {
		return p, fmt.Errorf("choose %q: %w", c.Label, err)
	}
	return r.p, nil
}
