package faults

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// sound is a run in which all promises were kept: one poll, two viewers, one of whom was away for a moment and changed her ballot.
func sound() Run {
	line := func(n, seq uint64, kind, data, hidden string) Line {
		return Line{N: n, Seq: seq, Type: kind, Data: json.RawMessage(data), Hidden: json.RawMessage(hidden)}
	}
	opened, closed := `{"poll":"p"}`, `{"poll":"p","winner":"b","counts":{"a":0,"b":2},"turnout":2}`
	return Run{
		Rooms: map[string][]Line{"r": {
			line(1, 0, "room.created", "", `{}`),
			line(2, 1, "poll.opened", opened, ""),
			line(3, 0, "ballot.cast", "", `{"poll":"p","viewer":"ada","choices":["a"]}`),
			line(4, 0, "ballot.cast", "", `{"poll":"p","viewer":"bo","choices":["b"]}`),
			line(5, 0, "ballot.cast", "", `{"poll":"p","viewer":"ada","choices":["b"]}`),
			line(6, 2, "poll.closed", `{"poll":"p", "winner":"b","counts":{"a":0,"b":2},"turnout":2}`, ""),
			line(7, 3, "show.ended", "", ""),
		}},
		Viewers: []Viewer{
			{
				Room: "r", ID: "ada",
				Heard: []Heard{
					{Seq: 0}, {Seq: 1, Type: "poll.opened", Data: opened}, {Seq: 1, Resumed: true}, {Seq: 2, Type: "poll.closed", Data: closed}, {Seq: 3, Type: "show.ended"},
				},
				Ballots: []Ballot{{"p", "a", Acknowledged}, {"p", "b", Unknown}}, Away: []time.Duration{time.Second},
			},
			{Room: "r", ID: "bo", Heard: []Heard{{Seq: 1}, {Seq: 2, Type: "poll.closed", Data: closed}}, Ballots: []Ballot{{"p", "b", Acknowledged}, {"p", "a", Refused}}},
		},
		Terms:     []Term{{"r", 1, "n1"}, {"r", 2, "n2"}},
		Takeovers: []Takeover{{"r", "kill", 2 * time.Second}},
		Returns:   []Return{{"r", "frost", time.Second}},
	}
}

// Every promise is broken once, as a bug would break it, and is named: a checker that never failed is no evidence.
func TestCheck(t *testing.T) {
	if found := Check(sound(), 2*time.Second); len(found) != 0 {
		t.Fatalf("nothing was broken, and found were %+v", found)
	}
	journal := func(run *Run) []Line { return run.Rooms["r"] }
	for name, planted := range map[string]struct {
		promise Promise
		plant   func(run *Run)
	}{
		"a line is missing":                {JournalWhole, func(run *Run) { run.Rooms["r"] = slices.Delete(journal(run), 2, 3) }},
		"two owners wrote the same number": {JournalWhole, func(run *Run) { journal(run)[4].N = 4 }},
		"a number was left out":            {JournalWhole, func(run *Run) { journal(run)[6].Seq = 4 }},
		"a journal is gone":                {JournalWhole, func(run *Run) { delete(run.Rooms, "r") }},
		"an acknowledged ballot is lost": {AcknowledgedCount, func(run *Run) {
			run.Viewers[1].Ballots = append(run.Viewers[1].Ballots, Ballot{"p", "a", Acknowledged})
		}},
		"a refused ballot counts": {AcknowledgedCount, func(run *Run) { run.Viewers[1].Ballots[0].Fate = Refused }},
		"an old ballot counts":    {AcknowledgedCount, func(run *Run) { run.Viewers[0].Ballots[1] = Ballot{"p", "c", Acknowledged} }},
		"a ballot was counted twice": {CountedOnce, func(run *Run) {
			journal(run)[5].Data = json.RawMessage(strings.Replace(string(journal(run)[5].Data), `"turnout":2`, `"turnout":3`, 1))
		}},
		"a count is wrong": {CountedOnce, func(run *Run) {
			journal(run)[5].Data = json.RawMessage(strings.Replace(string(journal(run)[5].Data), `"b":2`, `"b":3`, 1))
		}},
		"the loser won": {CountedOnce, func(run *Run) {
			journal(run)[5].Data = json.RawMessage(strings.Replace(string(journal(run)[5].Data), `"winner":"b"`, `"winner":"a"`, 1))
		}},
		"a ballot came after the close": {NothingAfterClose, func(run *Run) {
			journal(run)[6] = Line{N: 7, Type: "ballot.cast", Hidden: json.RawMessage(`{"poll":"p","viewer":"cy","choices":["a"]}`)}
			run.Viewers[0].Heard = run.Viewers[0].Heard[:4]
		}},
		"a poll was closed twice": {OneResult, func(run *Run) {
			again := journal(run)[5]
			again.N, again.Seq = 7, 3
			journal(run)[6] = again
			run.Viewers[0].Heard = run.Viewers[0].Heard[:4]
		}},
		"a viewer saw another result": {SameEvents, func(run *Run) {
			run.Viewers[1].Heard[1].Data = strings.Replace(run.Viewers[1].Heard[1].Data, `"b":2`, `"b":1`, 1)
		}},
		"a viewer saw what was never kept": {SameEvents, func(run *Run) {
			run.Viewers[0].Heard = append(run.Viewers[0].Heard, Heard{Seq: 4, Type: "show.reset"})
		}},
		"a viewer missed an event":        {NoGap, func(run *Run) { run.Viewers[0].Heard = slices.Delete(run.Viewers[0].Heard, 3, 4) }},
		"a viewer heard an event twice":   {NoGap, func(run *Run) { run.Viewers[0].Heard = slices.Insert(run.Viewers[0].Heard, 4, run.Viewers[0].Heard[3]) }},
		"a viewer was resumed too late":   {NoGap, func(run *Run) { run.Viewers[0].Heard[2].Seq = 2 }},
		"words had a hole":                {WholeWords, func(run *Run) { run.Viewers[1].Holes = 1 }},
		"two nodes had the same epoch":    {OneOwner, func(run *Run) { run.Terms[1].Epoch = 1 }},
		"takeovers took long":             {QuickTakeover, func(run *Run) { run.Takeovers[0].Took = MostTakeover + 1 }},
		"a room came back late":           {QuickReturn, func(run *Run) { run.Returns[0].Took = MostReturn + 1 }},
		"a viewer was away for too long":  {ShortAbsence, func(run *Run) { run.Viewers[0].Away[0] = 2*time.Second + 1 }},
		"a line is not what it should be": {JournalWhole, func(run *Run) { journal(run)[3].Hidden = json.RawMessage(`{}`) }},
	} {
		t.Run(name, func(t *testing.T) {
			run := sound()
			planted.plant(&run)
			found := Check(run, 2*time.Second)
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Promise == planted.promise && v.What != "" }) {
				t.Errorf("found %+v, want %s", found, planted.promise)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	var times []time.Duration
	if got := Percentile(times, 95); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
	for i := range 100 {
		times = append(times, time.Duration(100-i))
	}
	for percent, want := range map[int]time.Duration{1: 1, 50: 50, 95: 95, 100: 100} {
		if got := Percentile(times, percent); got != want {
			t.Errorf("%d of 100: %d, want %d", percent, got, want)
		}
	}
}
