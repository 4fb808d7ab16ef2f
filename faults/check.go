package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Promise is what the rooms' viewers can rely on.
type Promise string

const (
	JournalWhole      Promise = "journal_whole"      // n and seq of a journal are 1, 2, 3, …
	AcknowledgedCount Promise = "acknowledged_count" // an acknowledged ballot is in the journal, and no later one that the viewer did not cast
	CountedOnce       Promise = "counted_once"       // a result is the count of each viewer's last ballot before it
	NothingAfterClose Promise = "nothing_after_close"
	OneResult         Promise = "one_result"  // a poll has one result in the journal
	SameEvents        Promise = "same_events" // every viewer hears what the journal has, the same result everywhere
	NoGap             Promise = "no_gap"      // seq grows by one, also over lost connections
	WholeWords        Promise = "whole_words" // words follow those before them
	OneOwner          Promise = "one_owner"   // an epoch of a room has one owner, and epochs grow
	QuickTakeover     Promise = "quick_takeover"
	QuickReturn       Promise = "quick_return"
	ShortAbsence      Promise = "short_absence"
)

// Most that the promises allow.
const (
	MostTakeover = 3 * time.Second // of 95 in 100
	MostReturn   = 3 * time.Second // after storage is back
)

// Violation is a promise that was broken.
type Violation struct {
	Promise Promise `json:"promise"`
	What    string  `json:"what"`
}

// checker gathers violations.
type checker struct{ found []Violation }

func (c *checker) broken(p Promise, format string, args ...any) {
	c.found = append(c.found, Violation{p, fmt.Sprintf(format, args...)})
}

// Check names every promise that a run has broken, in a fixed order. most is how long a viewer may be without their room; 0 = as long as it
// takes.
func Check(run Run, most time.Duration) []Violation {
	c := &checker{}
	for _, room := range slices.Sorted(maps.Keys(run.Rooms)) {
		c.journal(room, run.Rooms[room])
	}
	books := map[string]*book{}
	for _, room := range slices.Sorted(maps.Keys(run.Rooms)) {
		books[room] = c.count(room, run.Rooms[room])
	}
	for i := range run.Viewers {
		v := &run.Viewers[i]
		b := books[v.Room]
		if b == nil {
			c.broken(JournalWhole, "room %s has no journal", v.Room)
			continue
		}
		c.heard(v, b)
		c.ballots(v, b)
		if v.Holes > 0 {
			c.broken(WholeWords, "room %s: viewer %s heard words %d times that did not follow those before them", v.Room, v.ID, v.Holes)
		}
		for _, away := range v.Away {
			if most > 0 && away > most {
				c.broken(ShortAbsence, "room %s: viewer %s was without the room for %s", v.Room, v.ID, away.Round(time.Millisecond))
			}
		}
	}
	c.terms(run.Terms)
	c.takeovers(run.Takeovers)
	for _, r := range run.Returns {
		if r.Took > MostReturn {
			c.broken(QuickReturn, "room %s answered %s after the end of %s", r.Room, r.Took.Round(time.Millisecond), r.Kind)
		}
	}
	return c.found
}

func (c *checker) journal(room string, lines []Line) {
	seq := uint64(0)
	for i, line := range lines {
		if line.N != uint64(i+1) {
			c.broken(JournalWhole, "room %s: line %d has n %d", room, i+1, line.N)
			return
		}
		if line.Seq == 0 {
			continue
		}
		if line.Seq != seq+1 {
			c.broken(JournalWhole, "room %s: seq %d after %d", room, line.Seq, seq)
			return
		}
		seq = line.Seq
	}
}

// book is what a journal says.
type book struct {
	events map[uint64]Line              // by seq
	cast   map[string]map[string]string // each viewer's last ballot, by poll
	last   uint64                       // seq
}

type pollClosed struct {
	Poll    string         `json:"poll"`
	Winner  string         `json:"winner"`
	Counts  map[string]int `json:"counts"`
	Turnout int            `json:"turnout"`
}

// count counts the ballots of a journal anew and compares with its results.
func (c *checker) count(room string, lines []Line) *book {
	b := &book{events: map[uint64]Line{}, cast: map[string]map[string]string{}}
	closed := map[string]bool{}
	for _, line := range lines {
		if line.Seq > 0 {
			b.events[line.Seq], b.last = line, line.Seq
		}
		switch line.Type {
		case "ballot.cast":
			var ballot struct {
				Poll    string   `json:"poll"`
				Viewer  string   `json:"viewer"`
				Choices []string `json:"choices"`
			}
			if json.Unmarshal(line.Hidden, &ballot) != nil || len(ballot.Choices) != 1 {
				c.broken(JournalWhole, "room %s: line %d is no ballot", room, line.N)
				continue
			}
			if closed[ballot.Poll] {
				c.broken(NothingAfterClose, "room %s: line %d is a ballot of %s for a poll that is closed", room, line.N, ballot.Viewer)
				continue
			}
			if b.cast[ballot.Poll] == nil {
				b.cast[ballot.Poll] = map[string]string{}
			}
			b.cast[ballot.Poll][ballot.Viewer] = ballot.Choices[0]
		case "poll.closed":
			var result pollClosed
			if json.Unmarshal(line.Data, &result) != nil {
				c.broken(JournalWhole, "room %s: line %d is no result", room, line.N)
				continue
			}
			if closed[result.Poll] {
				c.broken(OneResult, "room %s: line %d closes poll %s again", room, line.N, result.Poll)
				continue
			}
			closed[result.Poll] = true
			c.result(room, result, b.cast[result.Poll])
		}
	}
	return b
}

func (c *checker) result(room string, result pollClosed, cast map[string]string) {
	counts := map[string]int{}
	for _, choice := range cast {
		counts[choice]++
	}
	for choice, n := range result.Counts {
		if counts[choice] != n {
			c.broken(CountedOnce, "room %s: poll %s gives %s %d votes, its ballots %d", room, result.Poll, choice, n, counts[choice])
		}
	}
	if result.Turnout != len(cast) {
		c.broken(CountedOnce, "room %s: poll %s has a turnout of %d, and %d people voted", room, result.Poll, result.Turnout, len(cast))
	}
	for choice, n := range result.Counts {
		if n > result.Counts[result.Winner] {
			c.broken(CountedOnce, "room %s: poll %s was won by %s, and %s has more votes", room, result.Poll, result.Winner, choice)
		}
	}
}

// heard compares what a viewer heard with the journal.
func (c *checker) heard(v *Viewer, b *book) {
	last := uint64(0)
	for _, h := range v.Heard {
		switch {
		case h.Type == "" && h.Resumed && h.Seq != last:
			c.broken(NoGap, "room %s: viewer %s had %d and was resumed from %d", v.Room, v.ID, last, h.Seq)
			return
		case h.Type == "":
			last = h.Seq
			continue
		case h.Seq != last+1:
			c.broken(NoGap, "room %s: viewer %s heard %s as %d after %d", v.Room, v.ID, h.Type, h.Seq, last)
			return
		}
		last = h.Seq
		line, known := b.events[h.Seq]
		var data bytes.Buffer
		if known && len(line.Data) > 0 && json.Compact(&data, line.Data) != nil {
			known = false
		}
		if !known || line.Type != h.Type || data.String() != h.Data {
			c.broken(SameEvents, "room %s: viewer %s heard as %d %s %.80s, and the journal has %s %.80s", v.Room, v.ID, h.Seq, h.Type, h.Data, line.Type, data.String())
			return
		}
	}
}

// ballots compares what a viewer was told of their ballots with those that count.
func (c *checker) ballots(v *Viewer, b *book) {
	possible := map[string]map[string]bool{} // what may count, by poll; "" = no ballot
	for _, ballot := range v.Ballots {
		if possible[ballot.Poll] == nil {
			possible[ballot.Poll] = map[string]bool{"": true}
		}
		switch ballot.Fate {
		case Acknowledged:
			possible[ballot.Poll] = map[string]bool{ballot.Choice: true}
		case Unknown:
			possible[ballot.Poll][ballot.Choice] = true
		}
	}
	for _, poll := range slices.Sorted(maps.Keys(possible)) {
		if counts := b.cast[poll][v.ID]; !possible[poll][counts] {
			c.broken(AcknowledgedCount, "room %s: viewer %s may have cast one of %q in poll %s, and %q counts", v.Room, v.ID,
				slices.Sorted(maps.Keys(possible[poll])), poll, counts)
		}
	}
}

func (c *checker) terms(terms []Term) {
	type place struct {
		room  string
		epoch uint64
	}
	owners := map[place]string{}
	for _, t := range terms {
		at := place{t.Room, t.Epoch}
		if other, taken := owners[at]; taken {
			c.broken(OneOwner, "room %s: epoch %d is %s's and %s's", t.Room, t.Epoch, other, t.Node)
		}
		owners[at] = t.Node
	}
}

func (c *checker) takeovers(all []Takeover) {
	took := make([]time.Duration, len(all))
	for i, t := range all {
		took[i] = t.Took
	}
	if p95 := Percentile(took, 95); p95 > MostTakeover {
		c.broken(QuickTakeover, "of %d takeovers the 95th of 100 took %s", len(all), p95.Round(time.Millisecond))
	}
}

// Percentile is the nearest-rank percentile of some times; 0 without any.
func Percentile(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
