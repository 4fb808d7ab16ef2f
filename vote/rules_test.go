package vote

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDefaultRules(t *testing.T) {
	want := Rules{
		ArmSeconds: 4, VoteSeconds: 20, TailSeconds: 5, Method: "plurality", Tie: "listed", Tallies: "live", ChangeVotes: true,
	}
	if diff := cmp.Diff(want, DefaultRules()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := DefaultRules().Check(); err != nil {
		t.Error(err)
	}
}

func TestRules_Check(t *testing.T) {
	tests := []struct {
		change func(*Rules)
		want   string // the whole error; "" when it is fine
	}{
		{func(r *Rules) { r.ArmSeconds, r.VoteSeconds, r.TailSeconds, r.Quorum = 0, 0, 0, 0 }, ""},
		{func(r *Rules) { r.ArmSeconds, r.VoteSeconds, r.TailSeconds, r.Quorum = 60, 3600, 60, 1 }, ""},
		{func(r *Rules) { r.VoteSeconds = 0.25 }, ""},
		{func(r *Rules) { r.Method, r.Tie, r.Tallies = Ranked, Host, Hidden }, ""},
		{func(r *Rules) { r.Method, r.Tie = Approval, Draw }, ""},
		{func(r *Rules) { r.ArmSeconds = 60.5 }, "arm_seconds must be from 0 to 60, not 60.5"},
		{func(r *Rules) { r.ArmSeconds = -1 }, "arm_seconds must be from 0 to 60, not -1"},
		{func(r *Rules) { r.VoteSeconds = 3601 }, "vote_seconds must be from 0 to 3600, not 3601"},
		{func(r *Rules) { r.VoteSeconds = math.NaN() }, "vote_seconds must be from 0 to 3600, not NaN"},
		{func(r *Rules) { r.VoteSeconds = math.Inf(1) }, "vote_seconds must be from 0 to 3600, not +Inf"},
		{func(r *Rules) { r.TailSeconds = 61 }, "tail_seconds must be from 0 to 60, not 61"},
		{func(r *Rules) { r.TailSeconds = math.Inf(-1) }, "tail_seconds must be from 0 to 60, not -Inf"},
		{func(r *Rules) { r.Quorum = 1.01 }, "quorum must be from 0 to 1, not 1.01"},
		{func(r *Rules) { r.Quorum = math.NaN() }, "quorum must be from 0 to 1, not NaN"},
		{func(r *Rules) { r.Method = "" }, `method must be plurality, approval or ranked, not ""`},
		{func(r *Rules) { r.Tie = "coin" }, `tie must be listed, draw or host, not "coin"`},
		{func(r *Rules) { r.Tallies = "LIVE" }, `tallies must be live or hidden, not "LIVE"`},
	}
	for _, tt := range tests {
		r := DefaultRules()
		tt.change(&r)
		got := ""
		if err := r.Check(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("got error %q, want %q", got, tt.want)
		}
	}
}

func TestRules_Needed(t *testing.T) {
	tests := []struct {
		quorum   float64
		eligible int
		want     int
	}{
		{0, 10, 0}, {0.2, 5, 1}, {0.1, 3, 1}, {0.1, 30, 3}, {0.07, 100, 7}, {0.5, 3, 2}, {0.5, 4, 2}, {0.51, 4, 3},
		{1, 7, 7}, {1, 100_000, 100_000}, {0.29, 100_000, 29_000}, {0.5, 0, 0}, {0.00001, 100_000, 1}, {0.333, 3, 1}, {0.334, 3, 2},
	}
	for _, tt := range tests {
		if got := (Rules{Quorum: tt.quorum}).needed(tt.eligible); got != tt.want {
			t.Errorf("quorum %v of %d: got %d, want %d", tt.quorum, tt.eligible, got, tt.want)
		}
	}
	// Every share in whole percent, against exact arithmetic.
	for share := range 101 {
		for eligible := range 1001 {
			want := (share*eligible + 99) / 100
			if got := (Rules{Quorum: float64(share) / 100}).needed(eligible); got != want {
				t.Fatalf("quorum %d%% of %d: got %d, want %d", share, eligible, got, want)
			}
		}
	}
}
