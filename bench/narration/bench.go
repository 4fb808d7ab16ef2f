package narration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"kinoautomat/bench"
)

// Bench measures on a fake backend inside the process, in real time.
type Bench struct {
	Polls  int           // 1–2,000, held side by side, each in a room of its own
	Voting time.Duration // of a poll, 1 s–5 min
	Rooms  int           // told to at once, 1–1,000

	timing timing // zero = usual
}

const (
	arm   = 5  // a poll is announced this part of its voting time before it opens, as by default
	pace  = 25 // polls that begin within a second
	seed  = 7
	early = 4 // for so many polls there is one that the host closes early
)

// Check says what is out of its range.
func (b Bench) Check() error {
	switch {
	case b.Polls < 1 || b.Polls > 2000:
		return errors.New("--polls must be from 1 to 2000")
	case b.Voting < time.Second || b.Voting > 5*time.Minute:
		return errors.New("--voting must be from 1s to 5m")
	case b.Rooms < 1 || b.Rooms > 1000:
		return errors.New("--rooms must be from 1 to 1000")
	}
	return nil
}

// Report is what a Bench measured. Times are in milliseconds.
type Report struct {
	Benchmark string        `json:"benchmark"`
	Machine   bench.Machine `json:"machine"`
	Backend   string        `json:"backend"`
	Timing    Timing        `json:"backend_timing"`
	DeadAir   DeadAir       `json:"dead_air"`
	Early     Early         `json:"closed_early"`
	Cancel    Cancel        `json:"cancel"`
	Rooms     *Rooms        `json:"rooms"`
}

// Timing is how the fake backend speaks.
type Timing struct {
	First  float64 `json:"first_token_ms"`
	Each   float64 `json:"token_ms"`
	Tokens int     `json:"tokens"` // of a scene
}

// DeadAir is the silence from a poll's close to the first words of its winner's scene.
type DeadAir struct {
	Polls    int     `json:"polls"`
	Voting   float64 `json:"voting_s"`
	Ahead    Spread  `json:"written_ahead_ms"`
	Not      Spread  `json:"not_ahead_ms"`
	RatioP50 float64 `json:"not_ahead_to_ahead_p50"` // less than 1 ms counts as 1 ms
	RatioP95 float64 `json:"not_ahead_to_ahead_p95"`
	// Drafted is the share of winners whose scene was being written, or was there, when the poll closed.
	Drafted     float64  `json:"winners_drafted"`
	ByChoices   []Drafts `json:"by_choices"`
	ExtraBeats  float64  `json:"extra_beats_per_turn"`  // tellings begun beyond the one that is needed
	ExtraTokens float64  `json:"extra_tokens_per_turn"` // written beyond those of the one that is needed, as a share of these
}

// Drafts is what became of polls with so many choices.
type Drafts struct {
	Choices int     `json:"choices"`
	Polls   int     `json:"polls"`
	Drafted float64 `json:"winners_drafted"`
}

// Early is the same where the host closes a poll of two choices while both drafts are being written: after 10–90 % of the time that takes.
type Early struct {
	Polls     int    `json:"polls"`
	FirstWord Spread `json:"first_word_ms"`
}

// Cancel is how long a draft that was given up while it was written went on, from the moment at which the room said what made it so.
type Cancel struct {
	Over   Spread `json:"call_over_ms"`      // until the call had ended
	Closed Spread `json:"backend_closed_ms"` // until the backend saw its stream closed
}

// Run measures and returns what there is. It takes the voting time, a second for each 15 polls, and about 22 s.
func (b Bench) Run(ctx context.Context, log io.Writer) (*Report, error) {
	s, err := openStage(cmp.Or(b.timing, usual))
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &Report{Benchmark: "narrator", Machine: bench.ThisMachine(), Backend: "fake backend",
		Timing: Timing{millis(s.fake.timing.first), millis(s.fake.timing.each), len(sceneTokens)}}
	random := rand.New(rand.NewPCG(seed, seed))
	over := time.Second * time.Duration(b.Polls) / pace
	polls := drawPolls(random, b.Polls, b.Voting, over)
	if r.DeadAir, err = s.deadAir(ctx, polls, b.Voting, over, log); err != nil {
		return nil, err
	}
	if r.Early, err = s.closedEarly(ctx, random, b, log); err != nil {
		return nil, err
	}
	s.ahead.Close() // so that every cancel has been seen
	r.Cancel = Cancel{spreadOf(&s.over), spreadOf(&s.closed)}
	fmt.Fprintf(log, "fake backend: %d rooms at once\n", b.Rooms)
	r.Rooms, err = s.manyRooms(ctx, b.Rooms)
	return r, err
}

func (s *stage) deadAir(ctx context.Context, polls []*poll, voting, over time.Duration, log io.Writer) (DeadAir, error) {
	fmt.Fprintf(log, "fake backend: %d polls of %s, written ahead\n", len(polls), voting)
	on, err := s.hold(ctx, polls, voting/arm, voting, func(*poll) time.Duration { return voting })
	if err != nil {
		return DeadAir{}, err
	}
	begun, sent := s.begun.Load(), s.fake.sent.Load()
	fmt.Fprintf(log, "fake backend: %d winners, not written ahead\n", len(polls))
	off, err := s.tellOnly(ctx, polls, voting, over/2)
	if err != nil {
		return DeadAir{}, err
	}
	n := float64(len(polls))
	d := DeadAir{
		Polls: len(polls), Voting: voting.Seconds(), Ahead: spreadOf(&on.firstWord), Not: spreadOf(&off.firstWord),
		ExtraBeats:  round(float64(begun)/n-1, 2),
		ExtraTokens: round(float64(sent)/n/float64(len(sceneTokens))-1, 2),
	}
	all := int64(0)
	for choices := leastChoices; choices <= mostChoices; choices++ {
		held := 0
		for _, p := range polls {
			if len(p.choices) == choices {
				held++
			}
		}
		drafted := on.drafted[choices].Load()
		all += drafted
		d.ByChoices = append(d.ByChoices, Drafts{choices, held, round(float64(drafted)/float64(max(held, 1)), 3)})
	}
	d.Drafted = round(float64(all)/n, 3)
	d.RatioP50, d.RatioP95 = ratio(d.Not.P50, d.Ahead.P50), ratio(d.Not.P95, d.Ahead.P95)
	return d, nil
}

// ratio takes anything below a millisecond for one: nobody sees the difference, and the ratio would be of noise.
func ratio(a, b float64) float64 { return round(a/max(b, 1), 1) }

func (s *stage) closedEarly(ctx context.Context, random *rand.Rand, b Bench, log io.Writer) (Early, error) {
	n := max(b.Polls/early, 1)
	fmt.Fprintf(log, "fake backend: %d polls closed early\n", n)
	polls := drawPolls(random, n, b.Voting, time.Second*time.Duration(n)/pace)
	closes, writing := map[*poll]time.Duration{}, s.fake.timing.until(len(sceneTokens))
	for _, p := range polls {
		p.number += b.Polls // rooms of their own
		p.choices = p.choices[:leastChoices]
		p.ballots = nil
		closes[p] = writing/10 + time.Duration(random.Int64N(int64(writing)*8/10))
	}
	out, err := s.hold(ctx, polls, 0, b.Voting, func(p *poll) time.Duration { return closes[p] })
	if err != nil {
		return Early{}, err
	}
	return Early{n, spreadOf(&out.firstWord)}, nil
}
