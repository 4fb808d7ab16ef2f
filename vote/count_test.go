package vote

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPoll_Close(t *testing.T) {
	tests := []struct {
		name     string
		rules    func(*Rules)
		ballots  []string
		eligible int
		want     Result // without Rules and Rounds
	}{
		{
			name: "most votes", ballots: []string{"b", "a", "b"}, eligible: 5,
			want: Result{Winner: "b", Counts: map[string]int{"a": 1, "b": 2, "c": 0}, Turnout: 3, Eligible: 5, DecidedBy: ByMajority},
		}, {
			name: "most approvals", rules: with(Approval), ballots: []string{"ab", "bc", "b", "c"}, eligible: 4,
			want: Result{Winner: "b", Counts: map[string]int{"a": 1, "b": 3, "c": 2}, Turnout: 4, Eligible: 4, DecidedBy: ByMajority},
		}, {
			name: "voters left", ballots: []string{"c", "c", "a"}, eligible: 1,
			want: Result{Winner: "c", Counts: map[string]int{"a": 1, "b": 0, "c": 2}, Turnout: 3, Eligible: 3, DecidedBy: ByMajority},
		}, {
			name: "nobody voted", eligible: 9,
			want: Result{Winner: "a", Counts: map[string]int{"a": 0, "b": 0, "c": 0}, Eligible: 9, DecidedBy: ByDefault},
		}, {
			name: "nobody voted, a default and a quorum", rules: func(r *Rules) { r.Default, r.Quorum = "c", 0.5 }, eligible: 9,
			want: Result{Winner: "c", Counts: map[string]int{"a": 0, "b": 0, "c": 0}, Eligible: 9, Needed: 5, DecidedBy: ByDefault},
		}, {
			name: "nobody is there", rules: func(r *Rules) { r.Quorum = 1 }, eligible: -1,
			want: Result{Winner: "a", Counts: map[string]int{"a": 0, "b": 0, "c": 0}, DecidedBy: ByDefault},
		}, {
			name: "quorum missed by one", rules: func(r *Rules) { r.Default, r.Quorum = "c", 0.3 }, ballots: []string{"a", "a"}, eligible: 10,
			want: Result{
				Winner: "c", Counts: map[string]int{"a": 2, "b": 0, "c": 0}, Turnout: 2, Eligible: 10, Needed: 3, DecidedBy: ByQuorum,
			},
		}, {
			name: "quorum met exactly", rules: func(r *Rules) { r.Default, r.Quorum = "c", 0.3 }, ballots: []string{"a", "a", "b"}, eligible: 10,
			want: Result{
				Winner: "a", Counts: map[string]int{"a": 2, "b": 1, "c": 0}, Turnout: 3, Eligible: 10, Needed: 3, DecidedBy: ByMajority,
			},
		}, {
			name: "tie, listed", ballots: []string{"c", "b"}, eligible: 2,
			want: Result{
				Winner: "b", Counts: map[string]int{"a": 0, "b": 1, "c": 1}, Turnout: 2, Eligible: 2, DecidedBy: ByTieBreak,
				Tied: []string{"b", "c"},
			},
		}, {
			name: "tie, host", rules: func(r *Rules) { r.Method, r.Tie = Approval, Host }, ballots: []string{"ca"}, eligible: 2,
			want: Result{Counts: map[string]int{"a": 1, "b": 0, "c": 1}, Turnout: 1, Eligible: 2, Tied: []string{"a", "c"}},
		}, {
			name: "the host is asked only about ties", rules: func(r *Rules) { r.Tie = Host }, ballots: []string{"c"}, eligible: 2,
			want: Result{Winner: "c", Counts: map[string]int{"a": 0, "b": 0, "c": 1}, Turnout: 1, Eligible: 2, DecidedBy: ByMajority},
		}, {
			name: "a tie below the quorum", rules: func(r *Rules) { r.Tie, r.Quorum = Host, 1 }, ballots: []string{"c", "b"}, eligible: 3,
			want: Result{
				Winner: "a", Counts: map[string]int{"a": 0, "b": 1, "c": 1}, Turnout: 2, Eligible: 3, Needed: 3, DecidedBy: ByQuorum,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3, tt.rules)
			cast(t, p, tt.ballots...)
			tt.want.Rules = p.Rules
			for range 2 { // closing again is the same
				got, waiting := p.Close(tt.eligible)
				if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Result{}, "Rounds")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if waiting != (tt.want.Winner == "") {
					t.Errorf("waiting: %v", waiting)
				}
			}
			if !p.Closed {
				t.Error("the poll is still open")
			}
		})
	}
}

func TestPoll_Settle(t *testing.T) {
	t.Run("a tie", func(t *testing.T) {
		p := open(t, 3, func(r *Rules) { r.Tie = Host })
		cast(t, p, "b", "c")
		if _, waiting := p.Close(2); !waiting {
			t.Fatal("not waiting for the host")
		}
		got, err := p.Settle("c", 2)
		if err != nil || got.Winner != "c" || got.DecidedBy != ByHost {
			t.Errorf("got %q by %q, %v", got.Winner, got.DecidedBy, err)
		}
		if diff := cmp.Diff([]string{"b", "c"}, got.Tied); diff != "" {
			t.Errorf("tied (-want +got):\n%s", diff)
		}
	})
	t.Run("over the heads of the majority", func(t *testing.T) {
		p := open(t, 3, nil)
		cast(t, p, "b", "b")
		got, err := p.Settle("a", 4)
		if err != nil || got.Winner != "a" || got.DecidedBy != ByHost || got.Counts["b"] != 2 || got.Eligible != 4 {
			t.Errorf("got %+v, %v", got, err)
		}
		if err := p.Cast("v9", []string{"b"}); !errors.Is(err, ErrClosed) {
			t.Errorf("a vote after the host decided: %v", err)
		}
	})
	t.Run("with an unknown choice", func(t *testing.T) {
		p := open(t, 3, nil)
		if _, err := p.Settle("z", 1); !errors.Is(err, ErrNoSuchChoice) {
			t.Errorf("got %v, want ErrNoSuchChoice", err)
		}
		if p.Closed {
			t.Error("the poll was closed")
		}
	})
}

func TestPoll_SettleListed(t *testing.T) {
	p := open(t, 3, func(r *Rules) { r.Tie = Host })
	cast(t, p, "c", "b")
	p.Close(2)
	got := p.SettleListed(2)
	if got.Winner != "b" || got.DecidedBy != ByTieBreak || len(got.Tied) != 2 || got.Rules.Tie != Host {
		t.Errorf("got %+v", got)
	}
	if p = open(t, 3, nil); p.SettleListed(0).DecidedBy != ByDefault || !p.Closed {
		t.Error("an empty poll was not closed by its default")
	}
}

func TestPoll_Decided(t *testing.T) {
	final := func(method Method, quorum float64) func(*Rules) {
		return func(r *Rules) { r.Method, r.Quorum, r.ChangeVotes = method, quorum, false }
	}
	tests := []struct {
		name     string
		rules    func(*Rules)
		ballots  []string
		eligible int
		want     bool
	}{
		{"nobody there", nil, nil, 0, false},
		{"nobody voted", final(Plurality, 0), nil, 3, false},
		{"all voted, may change", nil, []string{"a", "b", "a"}, 3, true},
		{"all but one, may change", nil, []string{"a", "a", "a"}, 4, false},
		{"all voted and tied", final(Plurality, 0), []string{"a", "b"}, 2, true},
		{"a voter left", final(Plurality, 0), []string{"a", "b"}, 1, true},
		{"lead of one, one to come", final(Plurality, 0), []string{"a", "a", "b"}, 4, false},
		{"lead of two, one to come", final(Plurality, 0), []string{"a", "a"}, 3, true},
		{"lead of two, one to come, no quorum yet", final(Plurality, 1), []string{"a", "a"}, 3, false},
		{"lead of two, two to come", final(Plurality, 0), []string{"c", "c"}, 4, false},
		{"approval, lead of two, one to come", final(Approval, 0), []string{"ab", "bc", "b"}, 4, true},
		{"approval, lead of one, one to come", final(Approval, 0), []string{"ab", "bc", "bc"}, 4, false},
		{"ranked, more than half", final(Ranked, 0), []string{"a", "a", "a"}, 5, true},
		{"ranked, half", final(Ranked, 0), []string{"a", "a", "a"}, 6, false},
		{"ranked, more than half, no quorum yet", final(Ranked, 0.9), []string{"a", "a", "a"}, 5, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3, tt.rules)
			cast(t, p, tt.ballots...)
			if got := p.Decided(tt.eligible); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
