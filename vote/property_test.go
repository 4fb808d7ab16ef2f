package vote

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	methods = []Method{Plurality, Approval, Ranked}
	ties    = []Tie{Listed, Draw, Host}
)

// randomBallot is a legal one.
func randomBallot(random *rand.Rand, p *Poll) []string {
	ids := p.ids()
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	if p.Rules.Method == Plurality {
		return ids[:1]
	}
	return ids[:1+random.IntN(len(ids))]
}

// randomPoll is one with up to 5 choices and up to 12 ballots of v0, v1, ….
func randomPoll(t *testing.T, random *rand.Rand) *Poll {
	t.Helper()
	p := open(t, 1+random.IntN(5), func(r *Rules) {
		r.Method = methods[random.IntN(len(methods))]
		r.Tie = ties[random.IntN(len(ties))]
		r.Quorum = float64(random.IntN(4)) / 5
		r.ChangeVotes = random.IntN(2) == 0
	})
	for v := range random.IntN(13) {
		if err := p.Cast(fmt.Sprint("v", v), randomBallot(random, p)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// again is a poll like p, without its ballots.
func again(t *testing.T, p *Poll) *Poll {
	t.Helper()
	q, err := New(p.ID, p.Choices, p.Rules, [32]byte(p.Seed))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestPoll_OrderOfArrivalNeverMatters(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		p := randomPoll(t, random)
		q := again(t, p)
		viewers := make([]string, 0, p.Turnout())
		for v := range p.Turnout() {
			viewers = append(viewers, fmt.Sprint("v", v))
		}
		random.Shuffle(len(viewers), func(i, j int) { viewers[i], viewers[j] = viewers[j], viewers[i] })
		for _, v := range viewers {
			if q.Rules.ChangeVotes { // a change of mind on the way leaves no trace either
				if err := q.Cast(v, randomBallot(random, q)); err != nil {
					t.Fatal(err)
				}
			}
			if err := q.Cast(v, p.Ballot(v)); err != nil {
				t.Fatal(err)
			}
		}
		eligible := random.IntN(20)
		want, _ := p.Close(eligible)
		got, _ := q.Close(eligible)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%v in the order %v (-want +got):\n%s", p.Ballots, viewers, diff)
		}
	}
}

// recounted is Counts the slow way.
func recounted(p *Poll) map[string]int {
	counts := make(map[string]int)
	for _, c := range p.Choices {
		counts[c.ID] = 0
	}
	for _, ballot := range p.Ballots {
		for i, id := range ballot {
			if i == 0 || p.Rules.Method == Approval {
				counts[id]++
			}
		}
	}
	return counts
}

func TestPoll_CountsAreTheBallots(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		p := randomPoll(t, random)
		for range 40 {
			v := fmt.Sprint("v", random.IntN(15))
			before := p.Ballot(v)
			switch random.IntN(4) {
			case 0:
				if voided := p.Void(v); voided != (before != nil) || p.Ballot(v) != nil {
					t.Fatalf("void of %v: %v", before, voided)
				}
			case 1:
				if err := p.Cast(v, []string{"a", "z"}); err == nil {
					t.Fatal("a bad ballot was taken")
				}
			default:
				ballot := randomBallot(random, p)
				if err := p.Cast(v, ballot); err == nil && p.Rules.Method != Approval && !slices.Equal(ballot, p.Ballot(v)) {
					t.Fatalf("cast %v, found %v", ballot, p.Ballot(v))
				}
			}
			if diff := cmp.Diff(recounted(p), p.Counts()); diff != "" {
				t.Fatalf("counts (-want +got):\n%s", diff)
			}
			sum := 0
			for _, n := range p.Counts() {
				sum += n
			}
			if p.Rules.Method != Approval && sum != p.Turnout() {
				t.Fatalf("%d counted, %d voted", sum, p.Turnout())
			}
		}
	}
}

func TestPoll_RoundsAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		p := randomPoll(t, random)
		p.Rules.Method = Ranked // set before anything is cast again
		p.Rules.Quorum = 0
		q := again(t, p)
		for v, ballot := range p.Ballots {
			if err := q.Cast(v, ballot); err != nil {
				t.Fatal(err)
			}
		}
		r, _ := q.Close(0)
		for i, round := range r.Rounds {
			sum := round.Exhausted
			for _, n := range round.Counts {
				sum += n
			}
			if sum != r.Turnout || len(round.Counts) != len(q.Choices)-i {
				t.Fatalf("round %d of %d ballots and %d choices: %+v", i+1, r.Turnout, len(q.Choices), round)
			}
			if (round.Eliminated == "") != (i == len(r.Rounds)-1) {
				t.Fatalf("round %d of %d eliminated %q", i+1, len(r.Rounds), round.Eliminated)
			}
		}
	}
}

func TestPoll_JSONKeepsEverything(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		p := randomPoll(t, random)
		if random.IntN(2) == 0 {
			p.Close(0)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		q := open(t, 2, nil) // whatever was there before is gone
		cast(t, q, "a", "b")
		if err := json.Unmarshal(b, q); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, q, cmp.AllowUnexported(Poll{})); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if p.Closed {
			continue
		}
		for _, poll := range []*Poll{p, q} { // and it goes on from there
			if err := poll.Cast("later", []string{"a"}); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(p.Counts(), q.Counts()); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
	}
}

// ballots are all legal ones of a poll.
func ballots(p *Poll) [][]string {
	var all [][]string
	var extend func(ballot []string)
	extend = func(ballot []string) {
		for i, id := range p.ids() {
			if slices.Contains(ballot, id) || p.Rules.Method == Approval && len(ballot) > 0 && p.place(ballot[len(ballot)-1]) > i {
				continue
			}
			longer := append(slices.Clone(ballot), id)
			all = append(all, longer)
			if p.Rules.Method != Plurality {
				extend(longer)
			}
		}
	}
	extend(nil)
	return all
}

// Every small poll, with every way in which it can go on from where Decided said that it cannot matter.
func TestPoll_DecidedIsNeverWrong(t *testing.T) {
	for _, size := range []struct{ choices, eligible int }{{2, 5}, {3, 3}, {4, 2}} {
		for _, method := range methods {
			for _, tie := range ties {
				for _, quorum := range []float64{0, 0.5, 1} {
					name := fmt.Sprint(method, " ", tie, " ", quorum, " of ", size)
					t.Run(name, func(t *testing.T) {
						p := open(t, size.choices, func(r *Rules) { r.Method, r.Tie, r.Quorum, r.ChangeVotes = method, tie, quorum, false })
						w := walk{t: t, eligible: size.eligible, ballots: ballots(p)}
						w.from(p, 0)
						if w.early == 0 && quorum < 1 && size.eligible > 2 {
							t.Error("it never said yes before the last ballot")
						}
					})
				}
			}
		}
	}
}

// walk goes through all ways in which a poll can be filled.
type walk struct {
	t        *testing.T
	eligible int
	ballots  [][]string
	early    int // states decided before the last ballot
}

// from looks at p and at everything that follows when one more viewer votes; least keeps apart what differs only in who voted what.
func (w *walk) from(p *Poll, least int) {
	if p.Decided(w.eligible) {
		if p.Turnout() < w.eligible {
			w.early++
		}
		w.same(p, p.outcome(w.eligible, p.Rules.Tie), 0)
	}
	w.each(p, least, w.from)
}

// same fails the test if anything that follows p has another winner or reason than want.
func (w *walk) same(p *Poll, want Result, least int) {
	got := p.outcome(w.eligible, p.Rules.Tie)
	if got.Winner != want.Winner || got.DecidedBy != want.DecidedBy {
		w.t.Fatalf("decided for %q by %q, then %v gave %q by %q", want.Winner, want.DecidedBy, p.Ballots, got.Winner, got.DecidedBy)
	}
	w.each(p, least, func(p *Poll, least int) { w.same(p, want, least) })
}

// each lets the next viewer cast every ballot from least on, one after the other.
func (w *walk) each(p *Poll, least int, visit func(*Poll, int)) {
	if p.Turnout() == w.eligible {
		return
	}
	viewer := fmt.Sprint("v", p.Turnout())
	for i := least; i < len(w.ballots); i++ {
		if err := p.Cast(viewer, w.ballots[i]); err != nil {
			w.t.Fatal(err)
		}
		visit(p, i)
		p.Void(viewer)
	}
}

func TestPoll_BruteForceKnowsAllBallots(t *testing.T) {
	for method, want := range map[Method]string{
		Plurality: "a b c",
		Approval:  "a ab abc ac b bc c",
		Ranked:    "a ab abc ac acb b ba bac bc bca c ca cab cb cba",
	} {
		var got []string
		for _, ballot := range ballots(open(t, 3, with(method))) {
			got = append(got, strings.Join(ballot, ""))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", method, got, want)
		}
	}
}
