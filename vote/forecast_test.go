package vote

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// whole fails the test unless a forecast has every choice of the poll and nothing else, each from 0 to 1 and 1 in all.
func whole(t *testing.T, p *Poll, chances map[string]float64) {
	t.Helper()
	sum := 0.0
	for _, id := range p.ids() {
		chance, there := chances[id]
		if !there || !(chance >= 0 && chance <= 1+1e-9) {
			t.Fatalf("%s: %v, there: %v, in %v", id, chance, there, chances)
		}
		sum += chance
	}
	if len(chances) != len(p.Choices) || math.Abs(sum-1) > 1e-9 {
		t.Fatalf("%v adds up to %v for %d choices", chances, sum, len(p.Choices))
	}
}

func TestForecast_IsWholeForAnyPoll(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 1))
	moments := []float64{0, 0.1, 0.3, 0.5, 0.99, 1, 2, -1, math.NaN(), math.Inf(1), math.Inf(-1)}
	for range 600 {
		p := randomPoll(t, random)
		if random.IntN(3) == 0 {
			p.Rules.Default = p.Choices[random.IntN(len(p.Choices))].ID
		}
		if random.IntN(10) == 0 {
			p.Close(0)
		}
		eligible := []int{-5, 0, p.Turnout(), 20, 60, 5000}[random.IntN(6)]
		whole(t, p, Forecast(p, eligible, moments[random.IntN(len(moments))]))
	}
	nine := open(t, MaxChoices, with(Ranked))
	for v := range 200 {
		if err := nine.Cast(strconv.Itoa(v), randomBallot(random, nine)); err != nil {
			t.Fatal(err)
		}
	}
	whole(t, nine, Forecast(nine, 1000, 0.5))
}

// When nothing is to come, the forecast is the result: all for the winner, or for those who share the first place where that is left
// to chance or the host.
func TestForecast_IsTheResultInTheEnd(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 1))
	for range 1500 {
		p := randomPoll(t, random)
		eligible := random.IntN(20)
		elapsed := 1.0
		if eligible <= p.Turnout() { // all have voted
			elapsed = random.Float64()
		}
		got := Forecast(p, eligible, elapsed)

		want := make(map[string]float64)
		for _, id := range p.ids() {
			want[id] = 0
		}
		r, _ := p.Close(eligible)
		if len(r.Tied) > 0 && p.Rules.Tie != Listed {
			for _, id := range r.Tied {
				want[id] = 1 / float64(len(r.Tied))
			}
		} else {
			want[r.Winner] = 1
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s, %s, ballots %v (-want +got):\n%s", p.Rules.Method, p.Rules.Tie, p.Ballots, diff)
		}
		if diff := cmp.Diff(want, Forecast(p, eligible, 0.1)); diff != "" {
			t.Fatalf("closed, and yet (-want +got):\n%s", diff)
		}
	}
}

func TestForecast_IsSureOfWhatIsDecided(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 1))
	sure := 0
	for range 6000 {
		p := randomPoll(t, random)
		p.Rules.ChangeVotes = false
		eligible := p.Turnout() + random.IntN(5)
		r := p.outcome(eligible, Listed)
		if !p.Decided(eligible) || r.DecidedBy == ByTieBreak {
			continue
		}
		sure++
		if got := Forecast(p, eligible, random.Float64()); math.Abs(got[r.Winner]-1) > 1e-9 {
			t.Fatalf("%s, %d eligible, ballots %v: decided for %s, forecast %v", p.Rules.Method, eligible, p.Ballots, r.Winner, got)
		}
	}
	if sure < 500 {
		t.Errorf("only %d decided polls", sure)
	}
}

// Neither who voted first nor the secret of the draw is in a forecast, and making one leaves no trace.
func TestForecast_DependsOnTheBallotsOnly(t *testing.T) {
	random := rand.New(rand.NewPCG(14, 1))
	for range 100 {
		p := randomPoll(t, random)
		q, err := New("another", p.Choices, p.Rules, [32]byte{7})
		if err != nil {
			t.Fatal(err)
		}
		for v, ballot := range p.Ballots {
			if err := q.Cast("other "+v, ballot); err != nil {
				t.Fatal(err)
			}
		}
		before := fmt.Sprint(p)
		got := Forecast(p, 30, 0.4)
		if diff := cmp.Diff(got, Forecast(q, 30, 0.4)); diff != "" {
			t.Fatalf("(-one +other):\n%s", diff)
		}
		if fmt.Sprint(p) != before {
			t.Fatal("the poll changed")
		}
	}
}

func TestForecast_Chances(t *testing.T) {
	tests := []struct {
		name     string
		rules    func(*Rules)
		ballots  []string
		eligible int
		elapsed  float64
		want     map[string]float64
	}{
		{"nobody has voted, a draw decides ties", func(r *Rules) { r.Tie = Draw }, nil, 500, 0,
			map[string]float64{"a": 1. / 3, "b": 1. / 3, "c": 1. / 3}},
		{"nobody is there", nil, nil, 0, 0, map[string]float64{"a": 1, "b": 0, "c": 0}},
		{"nobody is there, a default", func(r *Rules) { r.Default = "c" }, nil, 0, 0, map[string]float64{"a": 0, "b": 0, "c": 1}},
		{"nobody has voted at the end", func(r *Rules) { r.Default = "b" }, nil, 9, 1, map[string]float64{"a": 0, "b": 1, "c": 0}},
		{"the quorum is out of reach", func(r *Rules) { r.Default, r.Quorum = "c", 1 }, times(20, "a"), 1000, 0.95,
			map[string]float64{"a": 0, "b": 0, "c": 1}},
		// With the prior 0.83 of all vote in the end, so that the last one still does with chance 0.33, and for a with chance 3/8; that
		// makes a tie, which goes to a.
		{"one may come, a lead of one", nil, times(2, "a", 3, "b"), 6, 0.9, map[string]float64{"a": 0.12, "b": 0.88, "c": 0}},
		{"approval, far ahead", with(Approval), times(30, "ab", 20, "b"), 60, 0.8, map[string]float64{"a": 0, "b": 1, "c": 0}},
		// c goes out and its ballots fall to b.
		{"ranked, the second wins by transfers", with(Ranked), times(40, "a", 35, "b", 25, "cb"), 101, 0.99,
			map[string]float64{"a": 0, "b": 1, "c": 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3, tt.rules)
			cast(t, p, tt.ballots...)
			got := Forecast(p, tt.eligible, tt.elapsed)
			for id, want := range tt.want {
				if math.Abs(got[id]-want) > 0.03 {
					t.Errorf("got %v, want %v", got, tt.want)
					break
				}
			}
		})
	}
}

// Every further ballot for a choice is good for it, and time makes a lead surer.
func TestForecast_FollowsTheBallots(t *testing.T) {
	for _, voters := range []int{40, 400} {
		last := -1.0
		for n := 0; n <= voters/2; n += voters / 20 {
			p := open(t, 3, nil)
			cast(t, p, append(slices.Repeat([]string{"a"}, n), slices.Repeat([]string{"b", "c"}, (voters/2-n)/2)...)...)
			chance := Forecast(p, voters, 0.5)["a"]
			if chance < last-0.01 {
				t.Errorf("%d of %d ballots: %v, after %v with fewer", n, voters, chance, last)
			}
			last = chance
		}
		if last < 0.99 {
			t.Errorf("all of %d ballots: only %v", voters/2, last)
		}
		p := open(t, 2, nil)
		cast(t, p, times(voters/4, "a", voters/5, "b")...)
		if early, late := Forecast(p, voters, 0.45)["a"], Forecast(p, voters, 0.9)["a"]; late < early {
			t.Errorf("%v early, %v late", early, late)
		}
	}
}

// The exact beta-binomial distribution and what stands for it with more to come have the same mean and variance.
func TestBeta_Moments(t *testing.T) {
	for _, ab := range [][2]float64{{1, 1}, {1, 3}, {20, 5}, {3, 200}, {150, 160}} {
		for _, n := range []int{1, 10, exact, exact + 1, 200, 5000} {
			s := newBeta(ab[0], ab[1])
			mean, square := 0.0, 0.0
			for f := range futures {
				x := float64(s.part(n, f, 1))
				if x < 0 || x > float64(n) {
					t.Fatalf("%v of %d", x, n)
				}
				mean += x / futures
				square += x * x / futures
			}
			total, m := ab[0]+ab[1], float64(n)
			wantMean := m * ab[0] / total
			wantDeviation := math.Sqrt(m * ab[0] * ab[1] * (total + m) / (total * total * (total + 1)))
			deviation := math.Sqrt(square - mean*mean)
			if math.Abs(mean-wantMean) > 0.15*wantDeviation || math.Abs(deviation/wantDeviation-1) > 0.15 {
				t.Errorf("beta %v of %d: %.2f ± %.2f, want %.2f ± %.2f", ab, n, mean, deviation, wantMean, wantDeviation)
			}
		}
	}
}
