package vote

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

var trials = flag.Int("trials", 30, "simulated polls of 500 voters of each kind in TestForecast_InSimulatedShows; smaller rooms get more")

// audience says how a simulated room votes. Its preferences are drawn anew for each poll, every split being as likely as any other.
type audience string

const (
	independent audience = "independent" // all alike, whenever they vote
	lateSwing   audience = "late swing"  // of those who vote after 60 % of the ballots, three in ten follow other preferences
	bandwagon   audience = "bandwagon"   // three in ten vote for whoever leads when they vote
)

// preferences are a random split among k: the gaps between sorted uniform numbers.
func preferences(random *rand.Rand, k int) []float64 {
	cuts := []float64{0, 1}
	for range k - 1 {
		cuts = append(cuts, random.Float64())
	}
	slices.Sort(cuts)
	shares := make([]float64, k)
	for i := range shares {
		shares[i] = cuts[i+1] - cuts[i]
	}
	return shares
}

// prefer draws one of the shares' places.
func prefer(random *rand.Rand, shares []float64) int {
	u := random.Float64()
	for i, share := range shares {
		if u -= share; u < 0 {
			return i
		}
	}
	return len(shares) - 1
}

// show counts how forecasts did.
type show struct {
	polls        int
	leader, two  int // at 30 % of the ballots: the winner was foreseen, was among the two likeliest
	sure, right  int // at 50 %: the likeliest had P ≥ 0.9, and won
	opened, kept int // at any tenth from 30 % on: had it for the first time, and won
}

// simulate lets rooms vote n times. All vote, at even distances in time.
func simulate(t testing.TB, n, voters, k int, who audience) (s show) {
	random := rand.New(rand.NewPCG(uint64(voters), uint64(k)))
	for range n {
		p := open(t, k, nil)
		shares, others := preferences(random, k), preferences(random, k)
		var early, half, gate []string // the likeliest first; half and gate only where it was sure
		for v := range voters {
			choice := prefer(random, shares)
			switch {
			case who == lateSwing && v*10 >= voters*6 && random.Float64() < 0.3:
				choice = prefer(random, others)
			case who == bandwagon && v > 0 && random.Float64() < 0.3:
				choice = slices.Index(p.counts, slices.Max(p.counts))
			}
			if err := p.Cast(strconv.Itoa(v), []string{p.Choices[choice].ID}); err != nil {
				t.Fatal(err)
			}
			tenth := (v + 1) * 10 / voters
			if (v+1)*10%voters != 0 || tenth < 3 || tenth == 10 || tenth > 5 && gate != nil {
				continue
			}
			chances := Forecast(p, voters, float64(tenth)/10)
			order := p.ids()
			slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(chances[b], chances[a]) })
			sure := chances[order[0]] >= 0.9
			if tenth == 3 {
				early = order
			}
			if tenth == 5 && sure {
				half = order
			}
			if gate == nil && sure {
				gate = order
			}
		}
		r, _ := p.Close(voters)
		s.polls++
		count := func(n *int, foreseen []string) {
			if slices.Contains(foreseen, r.Winner) {
				*n++
			}
		}
		count(&s.leader, early[:1])
		count(&s.two, early[:2])
		if half != nil {
			s.sure++
			count(&s.right, half[:1])
		}
		if gate != nil {
			s.opened++
			count(&s.kept, gate[:1])
		}
	}
	return s
}

// The forecast's goals, for any audience that we can think of and not only for the one that its formula assumes: at 30 % of the ballots
// the two likeliest hold the winner, and a chance of 0.9 or more at 50 % is right. A goal may be missed by three standard errors of the
// simulation; run with -v -args -trials 1000 for figures worth quoting.
func TestForecast_InSimulatedShows(t *testing.T) {
	for _, who := range []audience{independent, lateSwing, bandwagon} {
		for _, k := range []int{2, 3, 4} {
			for _, voters := range []int{10, 50, 500} {
				t.Run(fmt.Sprint(who, ", ", k, " choices, ", voters, " voters"), func(t *testing.T) {
					s := simulate(t, *trials*(500/voters), voters, k, who)
					goal := func(name string, hits, of int, goal float64) {
						t.Helper()
						got := float64(hits) / float64(of)
						if got < goal-3*math.Sqrt(goal*(1-goal)/float64(of)) {
							t.Errorf("%s: %.3f of %d, want at least %.2f", name, got, of, goal)
						}
					}
					goal("top two at 30 %", s.two, s.polls, 0.87)
					goal("sure at 50 % and right", s.right, s.sure, 0.95)
					goal("sure for the first time and right", s.kept, s.opened, 0.92)
					n := float64(s.polls)
					t.Logf("| %s | %d | %d | %.3f | %.3f | %.2f | %.3f | %.2f | %.3f |", who, k, voters, float64(s.leader)/n, float64(s.two)/n,
						float64(s.sure)/n, float64(s.right)/float64(s.sure), float64(s.opened)/n, float64(s.kept)/float64(s.opened))
				})
			}
		}
	}
}

// What a forecast says comes true as often as it says, by every method.
func TestForecast_ComesTrue(t *testing.T) {
	for _, method := range methods {
		t.Run(string(method), func(t *testing.T) {
			random := rand.New(rand.NewPCG(21, 21))
			var said, came, n [5]float64
			for range 1500 {
				k := 2 + random.IntN(3)
				p := open(t, k, with(method))
				shares := preferences(random, k)
				voters := 15 + random.IntN(100)
				at := voters * (1 + random.IntN(9)) / 10
				var chances map[string]float64
				for v := range voters {
					if v == at {
						chances = Forecast(p, voters, float64(at)/float64(voters))
					}
					if err := p.Cast(strconv.Itoa(v), preferredBallot(random, p, shares)); err != nil {
						t.Fatal(err)
					}
				}
				r, _ := p.Close(voters)
				for id, chance := range chances {
					bin := min(int(chance*5), 4)
					n[bin]++
					said[bin] += chance
					if r.Winner == id {
						came[bin]++
					}
				}
			}
			off := 0.0
			for bin := range n {
				t.Logf("%4.0f forecasts of %.3f came true in %.3f", n[bin], said[bin]/n[bin], came[bin]/n[bin])
				off += math.Abs(said[bin]-came[bin]) / (n[0] + n[1] + n[2] + n[3] + n[4])
			}
			t.Logf("expected calibration error %.3f", off)
			if off > 0.04 {
				t.Errorf("expected calibration error %.3f, want at most 0.04", off)
			}
		})
	}
}

// preferredBallot is a legal one: for approval every choice with a chance that grows with its share, ranked by draws without returning.
func preferredBallot(random *rand.Rand, p *Poll, shares []float64) []string {
	left := slices.Clone(shares)
	var ballot []string
	for range len(shares) {
		i := prefer(random, left)
		if id := p.Choices[i].ID; !slices.Contains(ballot, id) {
			ballot = append(ballot, id)
		}
		if p.Rules.Method == Plurality {
			break
		}
		if p.Rules.Method == Ranked {
			rest := 1 - left[i]
			left[i] = 0
			for j := range left {
				left[j] /= max(rest, 1e-12)
			}
		}
	}
	return ballot
}

func BenchmarkForecast(b *testing.B) {
	for _, method := range methods {
		for _, size := range []struct{ choices, voters int }{{4, 10}, {4, 5000}, {9, 5000}} {
			b.Run(fmt.Sprint(method, "/", size.choices, "/", size.voters), func(b *testing.B) {
				p := open(b, size.choices, with(method))
				random := rand.New(rand.NewPCG(1, 1))
				for v := range size.voters {
					if err := p.Cast(strconv.Itoa(v), randomBallot(random, p)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				for b.Loop() {
					Forecast(p, 2*size.voters, 0.5)
				}
			})
		}
	}
}
