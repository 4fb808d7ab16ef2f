package plan

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/vote"
)

var trials = flag.Int("trials", 5, "simulated polls of 500 voters of each kind in TestBudget_InSimulatedShows; smaller rooms get more")

func TestBudget_Speculate(t *testing.T) {
	three := []Prospect{{"c", 0.2}, {"a", 0.5}, {"b", 0.3}}
	two := three[1:]
	sure := []Prospect{{"a", 0.05}, {"b", 0.9}, {"c", 0.05}}
	writing := func(keys ...string) (drafts []Draft) {
		for _, key := range keys {
			drafts = append(drafts, Draft{Key: key})
		}
		return drafts
	}
	for name, tt := range map[string]struct {
		outlook       Outlook
		begin, giveUp []string
	}{
		"too early":                   {Outlook{Elapsed: 0.29, Prospects: three}, nil, nil},
		"arming":                      {Outlook{Arming: true, Elapsed: 1, Prospects: three}, nil, nil},
		"arming, all fit":             {Outlook{Arming: true, Prospects: two}, []string{"a", "b"}, nil},
		"no vote":                     {Outlook{Arming: true, Prospects: []Prospect{{"a", 1}}}, []string{"a"}, nil},
		"at 30 %":                     {Outlook{Elapsed: 0.3, Prospects: three}, []string{"a", "b"}, nil},
		"already":                     {Outlook{Elapsed: 0.3, Prospects: three, Drafts: writing("a", "b"), Begun: 2}, nil, nil},
		"one of two":                  {Outlook{Elapsed: 0.5, Prospects: three, Drafts: writing("b"), Begun: 1}, []string{"a"}, nil},
		"sure":                        {Outlook{Elapsed: 0.5, Prospects: sure}, []string{"b"}, nil},
		"sure, early":                 {Outlook{Elapsed: 0.1, Prospects: sure}, []string{"b"}, nil},
		"sure, two written":           {Outlook{Elapsed: 0.5, Prospects: sure, Drafts: writing("a", "b"), Begun: 2}, nil, []string{"a"}},
		"sure, the other is done":     {Outlook{Elapsed: 0.5, Prospects: sure, Drafts: []Draft{{"a", true}, {"b", false}}, Begun: 2}, nil, nil},
		"sure of another":             {Outlook{Elapsed: 0.5, Prospects: sure, Drafts: writing("a", "c"), Begun: 2}, []string{"b"}, []string{"a", "c"}},
		"a new leader":                {Outlook{Elapsed: 0.5, Prospects: three, Drafts: writing("b", "c"), Begun: 2}, []string{"a"}, []string{"c"}},
		"a new leader, done":          {Outlook{Elapsed: 0.5, Prospects: three, Drafts: []Draft{{"b", true}, {"c", true}}, Begun: 2}, []string{"a"}, nil},
		"a new second":                {Outlook{Elapsed: 0.5, Prospects: three, Drafts: writing("a", "c"), Begun: 2}, nil, nil},
		"a new leader, too many":      {Outlook{Elapsed: 0.5, Prospects: three, Drafts: writing("b"), Begun: 3}, nil, nil},
		"no prospect any more":        {Outlook{Elapsed: 0.1, Prospects: three, Drafts: writing("x"), Begun: 1}, nil, []string{"x"}},
		"not worth it":                {Outlook{Elapsed: 0.5, Prospects: []Prospect{{"a", 0.89}, {"b", 0.06}, {"c", 0.05}}}, []string{"a"}, nil},
		"nothing":                     {Outlook{Elapsed: 0.5}, nil, nil},
		"nothing, something is there": {Outlook{Elapsed: 0.5, Drafts: writing("x")}, nil, []string{"x"}},
	} {
		begin, giveUp := DefaultBudget().Speculate(tt.outlook)
		if diff := cmp.Diff([][]string{tt.begin, tt.giveUp}, [][]string{begin, giveUp}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if begin, _ := (Budget{}).Speculate(Outlook{Elapsed: 1, Prospects: three}); begin != nil {
		t.Errorf("without a budget: %v", begin)
	}
}

// follow does to an outlook what was said.
func (o *Outlook) follow(begin, giveUp []string) {
	for _, key := range giveUp {
		o.Drafts = slices.DeleteFunc(o.Drafts, func(d Draft) bool { return d.Key == key })
	}
	for _, key := range begin {
		o.Drafts = append(o.Drafts, Draft{Key: key})
		o.Begun++
	}
}

func TestBudget_SpeculateKeepsToTheBudget(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		b := Budget{Streams: random.IntN(4), Drafts: random.IntN(5), From: 0.3, Sure: 0.9, Worth: 0.1}
		o := Outlook{Arming: true}
		for range 20 {
			o.Arming = o.Arming && random.IntN(3) > 0
			o.Elapsed += random.Float64() / 20
			o.Prospects = nil
			left := 1.0
			for _, i := range random.Perm(5) {
				p := left * random.Float64()
				left -= p
				o.Prospects = append(o.Prospects, Prospect{strconv.Itoa(i), p})
			}
			for i := range o.Drafts {
				o.Drafts[i].Done = o.Drafts[i].Done || random.IntN(3) == 0
			}
			begin, giveUp := b.Speculate(o)
			for _, key := range giveUp {
				if !slices.Contains(o.Drafts, Draft{key, false}) {
					t.Fatalf("%s is to be given up, of %v", key, o.Drafts)
				}
			}
			o.follow(begin, giveUp)
			writing, keys := 0, make(map[string]bool)
			for _, d := range o.Drafts {
				if !d.Done {
					writing++
				}
				if keys[d.Key] {
					t.Fatalf("%s is drafted twice", d.Key)
				}
				keys[d.Key] = true
			}
			if writing > b.Streams || o.Begun > b.Drafts {
				t.Fatalf("%+v: %d being written, %d begun", b, writing, o.Begun)
			}
			if begin, giveUp = b.Speculate(o); len(begin)+len(giveUp) > 0 {
				t.Fatalf("asked again: begin %v, give up %v", begin, giveUp)
			}
		}
	}
}

// One policy and one forecast, over simulated votes: all of a room vote at even distances in time, preferences are any split, and in some
// shows change late or follow the leader. A beat takes an eighth of the voting time to write, as 2.5 s do of 20 s. The goals are that the
// draft of the winner is there, or on its way, in 87 of 100 polls, and that no more than one beat a poll is written in vain; run with -v
// -args -trials 200 for figures worth quoting.
func TestBudget_InSimulatedShows(t *testing.T) {
	const takes = 0.125
	for _, who := range []string{"independent", "late swing", "bandwagon"} {
		for _, k := range []int{2, 3, 4} {
			for _, voters := range []int{10, 50, 500} {
				random := rand.New(rand.NewPCG(uint64(voters), uint64(k)))
				polls := *trials * (500 / voters)
				hits, ready, vain := 0, 0, 0.0
				for range polls {
					hit, whole, waste := speculated(t, random, who, k, voters, takes)
					vain += waste
					if hit {
						hits++
					}
					if whole {
						ready++
					}
				}
				n := float64(polls)
				t.Logf("| %s | %d | %d | %.3f | %.3f | %.2f |", who, k, voters, float64(hits)/n, float64(ready)/n, vain/n)
				if float64(hits)/n < 0.87 || vain/n > 1 {
					t.Errorf("%s, %d choices, %d voters: hit %.3f, in vain %.2f", who, k, voters, float64(hits)/n, vain/n)
				}
			}
		}
	}
}

// speculated plays one poll: whether the winner had a draft, whether that was whole, and how many beats were written in vain.
func speculated(t *testing.T, random *rand.Rand, who string, k, voters int, takes float64) (hit, whole bool, vain float64) {
	choices := make([]vote.Choice, k)
	for i := range choices {
		choices[i].ID = strconv.Itoa(i)
	}
	p, err := vote.New("poll", choices, vote.DefaultRules(), [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	shares, others := split(random, k), split(random, k)
	var (
		o       = Outlook{Arming: true}
		begun   = make(map[string]float64) // when, by key of the drafts there are
		written float64                    // beats, those given up in part
	)
	look := func(elapsed float64) {
		o.Elapsed = elapsed
		chances := vote.Forecast(p, voters, elapsed)
		o.Prospects = o.Prospects[:0]
		for _, c := range choices {
			o.Prospects = append(o.Prospects, Prospect{c.ID, chances[c.ID]})
		}
		for i, d := range o.Drafts {
			o.Drafts[i].Done = elapsed >= begun[d.Key]+takes
		}
		begin, giveUp := DefaultBudget().Speculate(o)
		o.follow(begin, giveUp)
		for _, key := range giveUp {
			written += (elapsed - begun[key]) / takes
			delete(begun, key)
		}
		for _, key := range begin {
			begun[key] = elapsed
		}
	}
	look(-takes) // while the poll arms
	o.Arming = false
	last := 0.0
	for v := range voters {
		place := draw(random, shares)
		switch {
		case who == "late swing" && v*10 >= voters*6 && random.Float64() < 0.3:
			place = draw(random, others)
		case who == "bandwagon" && v > 0 && random.Float64() < 0.3:
			place = 0
			for i, c := range choices {
				if p.Counts()[c.ID] > p.Counts()[choices[place].ID] {
					place = i
				}
			}
		}
		if err := p.Cast(strconv.Itoa(v), []string{choices[place].ID}); err != nil {
			t.Fatal(err)
		}
		if elapsed := float64(v+1) / float64(voters); v+1 < voters && elapsed >= last+0.05 {
			look(elapsed)
			last = elapsed
		}
	}
	r, _ := p.Close(voters)
	for key, at := range begun {
		part := min((1-at)/takes, 1)
		if key == r.Winner {
			hit, whole = true, part == 1
		} else {
			vain += part
		}
	}
	return hit, whole, vain + written
}

// split is a random split among k.
func split(random *rand.Rand, k int) []float64 {
	shares, sum := make([]float64, k), 0.0
	for i := range shares {
		shares[i] = random.ExpFloat64()
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}

func draw(random *rand.Rand, shares []float64) int {
	u := random.Float64()
	for i, share := range shares {
		if u -= share; u < 0 {
			return i
		}
	}
	return len(shares) - 1
}
