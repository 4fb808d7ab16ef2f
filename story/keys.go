package story

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Ranges of Rules. They are those of a poll (package vote) and of a room's settings.
const (
	maxArmSeconds  = 60
	maxVoteSeconds = 3600
	maxTailSeconds = 60
	maxPace        = 1000
)

// Sizes of what a narrator tells, in characters.
const (
	minCueChars     = 200
	maxCueChars     = 4000
	defaultCueChars = 900
)

// defaultBeats is how many beats a bridge has that does not say.
const defaultBeats = 3

var (
	validIFID     = regexp.MustCompile(`^[0-9A-Z-]{8,63}$`)
	validLanguage = regexp.MustCompile(`^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$`)
)

// object reads a JSON object's keys into targets. A value of a wrong kind is reported and left out; so are keys without a target,
// which are returned.
func (r *reporter) object(name string, raw json.RawMessage, targets map[string]any) map[string]json.RawMessage {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		r.warn(name, "%s is not a JSON object; it is left out", name)
		return nil
	}
	rest := map[string]json.RawMessage{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		target, known := targets[key]
		if !known {
			r.warn(name+"."+key, "%s.%s is not known; it does nothing", name, key)
			rest[key] = keys[key]
		} else if json.Unmarshal(keys[key], target) != nil {
			r.warn(name+"."+key, "%s.%s cannot be %.40s%s; it is left out", name, key, keys[key], wanted(target))
			_ = json.Unmarshal([]byte("null"), target) // empties what was half read
		}
	}
	return rest
}

// wanted says what a key takes.
func wanted(target any) string {
	switch target.(type) {
	case *string, **string:
		return ", but a text"
	case *[]string:
		return `, but a list such as ["one", "two"]`
	case *float64, **float64:
		return ", but a number"
	case *int, **int:
		return ", but a whole number"
	case *bool, **bool:
		return ", but true or false"
	}
	return ""
}

// readKeys reads StoryData. language is that of the edition's file, "" if the file does not say.
func (s *Story) readKeys(keys map[string]json.RawMessage, language string, r *reporter) {
	for _, f := range []struct {
		key    string
		target *string
	}{
		{"ifid", &s.IFID}, {"format", &s.Format}, {"format-version", &s.FormatVersion}, {"start", &s.Start},
	} {
		if raw, ok := keys[f.key]; ok && json.Unmarshal(raw, f.target) != nil {
			r.warn(f.key, "%s must be a string, not %.40s; it is left out", f.key, raw)
		}
		delete(keys, f.key)
	}
	s.Start = strings.TrimSpace(s.Start)
	if s.IFID = strings.ToUpper(s.IFID); s.IFID != "" && !validIFID.MatchString(s.IFID) {
		r.warn("ifid", "%.80q is not an IFID: 8 to 63 of A–Z, 0–9 and -", s.IFID)
		s.IFID = ""
	}
	if raw, ok := keys["kino"]; ok {
		targets := s.Rules.targets()
		var world json.RawMessage
		maps.Copy(targets, map[string]any{
			"language": &s.Language, "summary": &s.Summary, "genres": &s.Genres, "themes": &s.Themes, "mood": &s.Mood, "world": &world,
		})
		if rest := r.object("kino", raw, targets); len(rest) > 0 {
			keys["kino"] = encode(rest)
		} else {
			delete(keys, "kino")
		}
		s.Rules.check("kino", r)
		if world != nil && string(world) != "null" {
			s.World = readWorld(world, r)
		}
	}
	s.checkWords(r)
	s.setLanguage(language, r)
	if len(keys) > 0 {
		s.Data = keys
	}
}

func (s *Story) checkWords(r *reporter) {
	if len([]rune(s.Summary)) > MaxSummaryRunes {
		r.limit("characters of kino.summary", MaxSummaryRunes)
	}
	for _, words := range []*[]string{&s.Genres, &s.Themes} {
		if len(*words) == 0 {
			*words = nil
		}
		if len(*words) > MaxWords {
			r.limit("words in kino.genres or kino.themes", MaxWords)
		}
	}
}

func (s *Story) setLanguage(language string, r *reporter) {
	if s.Language != "" && !validLanguage.MatchString(s.Language) {
		r.warn("kino.language", "%.40q is not a language tag such as en or zh-Hans", s.Language)
		s.Language = ""
	}
	if language != "" {
		if s.Language != "" && !strings.EqualFold(s.Language, language) {
			r.warn("kino.language", "kino.language is %q but the file is named for %q; the file's name counts", s.Language, language)
		}
		s.Language = language
	}
	if s.Language == "" {
		s.Language = "en"
		r.note("kino.language", "no language is declared; it is taken to be English")
	}
}

// targets are the keys of StoryData's kino that set rules.
func (x *Rules) targets() map[string]any {
	return map[string]any{
		"arm_seconds": &x.ArmSeconds, "vote_seconds": &x.VoteSeconds, "tail_seconds": &x.TailSeconds, "pace": &x.Pace,
		"method": &x.Method, "tie": &x.Tie, "quorum": &x.Quorum, "tallies": &x.Tallies,
		"change_votes": &x.ChangeVotes, "early_close": &x.EarlyClose,
	}
}

// check drops what is out of range.
func (x *Rules) check(name string, r *reporter) {
	for _, f := range []struct {
		what  string
		value **float64
		top   float64
	}{
		{"arm seconds", &x.ArmSeconds, maxArmSeconds},
		{"vote seconds", &x.VoteSeconds, maxVoteSeconds},
		{"tail seconds", &x.TailSeconds, maxTailSeconds},
		{"pace", &x.Pace, maxPace},
		{"quorum", &x.Quorum, 1},
	} {
		if v := *f.value; v != nil && !(*v >= 0 && *v <= f.top) {
			r.warn(name, "%s must be from 0 to %v, not %v; it is left out", f.what, f.top, *v)
			*f.value = nil
		}
	}
	if x.Tie != nil && *x.Tie == "random" {
		x.Tie = new("draw")
	}
	for _, f := range []struct {
		what  string
		value **string
		words []string
	}{
		{"method", &x.Method, []string{"plurality", "approval", "ranked"}},
		{"tie", &x.Tie, []string{"listed", "draw", "host"}},
		{"tallies", &x.Tallies, []string{"live", "hidden"}},
	} {
		if v := *f.value; v != nil && !slices.Contains(f.words, *v) {
			r.warn(name, "%s must be one of %s, not %.40q; it is left out", f.what, strings.Join(f.words, ", "), *v)
			*f.value = nil
		}
	}
}

// passageKeys is what a passage's tags and its metadata's kino say.
type passageKeys struct {
	title     string
	byDefault int
	rules     Rules
	ends      bool
	ending    string
	llm       bool
	direction string
	mood      string
	reserve   []string
	maxChars  int
	tension   []float64
	bridge    *bridgeKeys
	storylet  *storyletKeys
	video     bool
}

// bridgeKeys is what a bridge's passage says of it.
type bridgeKeys struct {
	to    string
	beats int
	mode  string
	floor *float64
}

// storyletKeys is what a storylet says of itself.
type storyletKeys struct {
	in   []string
	when string
}

// readPassageKeys reads the tags first: the metadata wins.
func readPassageKeys(p Passage, r *reporter) passageKeys {
	k := passageKeys{maxChars: defaultCueChars}
	for _, tag := range p.Tags {
		k.readTag(tag, r)
	}
	if raw, ok := p.Meta["kino"]; ok {
		k.readMeta(raw, r)
	}
	k.rules.check("kino.vote", r)
	if k.maxChars < minCueChars || k.maxChars > maxCueChars {
		r.warn("kino.llm.max_chars", "max_chars must be from %d to %d, not %d", minCueChars, maxCueChars, k.maxChars)
		k.maxChars = min(max(k.maxChars, minCueChars), maxCueChars)
	}
	if len(k.reserve) > MaxReserve {
		r.limit("reserve passages of a scene", MaxReserve)
	}
	if k.video {
		r.note("kino.video", "film is not played yet; the passage's text is told")
	}
	return k
}

func (k *passageKeys) readTag(tag string, r *reporter) {
	name, value, _ := strings.Cut(tag, ":")
	switch name {
	case "vote":
		seconds, err := strconv.ParseFloat(strings.TrimSuffix(value, "s"), 64)
		if err != nil {
			r.warn(tag, "%q is not a time in seconds such as vote:15s; it is left out", tag)
			return
		}
		k.rules.VoteSeconds = &seconds
	case "default":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			r.warn(tag, "%q is not a number of a choice such as default:2; it is left out", tag)
			return
		}
		k.byDefault = n
	case "rule":
		k.rules.Method = &value
	case "end":
		k.ends, k.ending = true, value
	case "llm":
		k.llm = true
	case "video":
		k.video = true
	}
}

func (k *passageKeys) readMeta(raw json.RawMessage, r *reporter) {
	var vote, llm, storylet, video json.RawMessage
	var end *string
	r.object("kino", raw, map[string]any{
		"title": &k.title, "vote": &vote, "pace": &k.rules.Pace, "end": &end, "llm": &llm, "storylet": &storylet, "video": &video,
	})
	if vote != nil {
		r.object("kino.vote", vote, map[string]any{
			"seconds": &k.rules.VoteSeconds, "arm": &k.rules.ArmSeconds, "tail": &k.rules.TailSeconds, "default": &k.byDefault,
			"rule": &k.rules.Method, "quorum": &k.rules.Quorum, "tie": &k.rules.Tie, "tallies": &k.rules.Tallies,
			"change": &k.rules.ChangeVotes, "early": &k.rules.EarlyClose,
		})
	}
	if end != nil {
		k.ends, k.ending = true, strings.TrimSpace(*end)
	}
	switch string(llm) {
	case "", "null", "false":
	case "true":
		k.llm = true
	default:
		k.llm = true
		k.readLLM(llm, r)
	}
	if storylet != nil {
		k.storylet = &storyletKeys{}
		r.object("kino.storylet", storylet, map[string]any{"in": &k.storylet.in, "when": &k.storylet.when})
	}
	k.video = k.video || video != nil
}

// readLLM reads what the narrator is told, of an ordinary cue or of a bridge.
func (k *passageKeys) readLLM(raw json.RawMessage, r *reporter) {
	var tension, choices json.RawMessage
	var mode string
	var beats *int
	b := bridgeKeys{beats: defaultBeats}
	r.object("kino.llm", raw, map[string]any{
		"direction": &k.direction, "mood": &k.mood, "max_chars": &k.maxChars, "reserve": &k.reserve, "tension": &tension,
		"mode": &mode, "to": &b.to, "beats": &beats, "choices": &choices,
	})
	if choices != nil {
		r.object("kino.llm.choices", choices, map[string]any{"mode": &b.mode, "floor": &b.floor})
	}
	k.tension = readTension(tension, r)
	switch mode {
	case "bridge":
		if beats != nil {
			b.beats = *beats
		}
		b.check(r)
		k.bridge = &b
	case "":
		if b.to != "" || beats != nil || choices != nil {
			r.warn("kino.llm.mode", `to, beats and choices are those of a bridge: they do nothing without "mode": "bridge"`)
		}
	default:
		r.warn("kino.llm.mode", `mode must be "bridge", not %.40q; it is left out`, mode)
	}
	if k.bridge == nil && len(k.tension) > 1 {
		r.warn("kino.llm.tension", "only a bridge has a tension for each beat; the first of them counts")
		k.tension = k.tension[:1]
	}
}

// check mends what is out of range.
func (b *bridgeKeys) check(r *reporter) {
	if b.beats < 1 || b.beats > MaxBeats {
		most := min(max(b.beats, 1), MaxBeats)
		r.warn("kino.llm.beats", "beats must be from 1 to %d, not %d; it has %d", MaxBeats, b.beats, most)
		b.beats = most
	}
	if !slices.Contains([]string{"", "max_entropy", "greedy"}, b.mode) {
		r.warn("kino.llm.choices.mode", "choices.mode must be max_entropy or greedy, not %.40q; it is left out", b.mode)
		b.mode = ""
	}
	if b.floor != nil && !(*b.floor >= 0 && *b.floor <= 1) {
		r.warn("kino.llm.choices.floor", "choices.floor must be from 0 to 1, not %v; it is left out", *b.floor)
		b.floor = nil
	}
}

// readTension reads a number, or one for each beat.
func readTension(raw json.RawMessage, r *reporter) []float64 {
	if raw == nil || string(raw) == "null" {
		return nil
	}
	var curve []float64
	var one float64
	if json.Unmarshal(raw, &one) == nil {
		curve = []float64{one}
	} else if json.Unmarshal(raw, &curve) != nil {
		r.warn("kino.llm.tension", "tension must be a number from 0 to 1, or a list of them, not %.40s; it is left out", raw)
		return nil
	}
	for _, t := range curve {
		if !(t >= 0 && t <= 1) {
			r.warn("kino.llm.tension", "tension must be from 0 to 1, not %v; it is left out", t)
			return nil
		}
	}
	return curve
}
