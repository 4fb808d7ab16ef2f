package room

import (
	"encoding/json"
	"math"
	"testing"
)

// Over a show the chances that a narrator gave are held against the votes: those of polls without votes or without chances are not.
func TestReport_Calibration(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	s.plan(threeWays) // 0.5, 0.3, 0.2
	s.toOpenPoll()
	s.vote("ada", "b")
	s.vote("bo", "a")
	s.toBeat(2)
	s.tell("Fog.")
	s.plan(threeWays)
	s.toOpenPoll()
	s.toBeat(3) // nobody votes
	s.pass(10)

	var r Report
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	show := r.Shows[0]
	brier := 0.2*0.2 + 0.2*0.2 // 0.3 got a half, and 0.2 nothing
	ece := (0.2 + 0.2) / 3     // each in a bin of its own, as is 0.5, which fits
	if c := show.Calibration; c == nil || c.Polls != 1 || math.Abs(c.Brier-brier) > 1e-12 || math.Abs(c.ECE-ece) > 1e-12 || len(c.Bins) != 10 {
		t.Errorf("calibration %+v, want %v and %v", show.Calibration, brier, ece)
	}
	if p := show.Polls[0]; p.Title != "The crossing" || p.Label != "Follow the bell" || show.Polls[1].Label != "Follow the bell" {
		t.Errorf("of %q, won by %q, then by %q", p.Title, p.Label, show.Polls[1].Label)
	}
	if show.Polls[0].Chances["b"] != 0.3 || len(show.Polls) != 2 || len(show.Polls[1].Chances) != 3 {
		t.Errorf("polls %+v", show.Polls)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}

	s = toVoyage(t)
	s.tell("Fog.")
	s.plan(threeWays)
	s.toOpenPoll()
	r = Report{}
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	if r.Shows[0].Calibration != nil {
		t.Errorf("calibration %+v before any votes", r.Shows[0].Calibration)
	}
}

// A scene whose words were taken back and told anew is one scene, and those who wrote its last words wrote it. It once counted for both.
func TestReport_ToldTwice(t *testing.T) {
	s := toCue(t, nil)
	s.tell("A lamp.")
	s.pass(1)
	s.host("next", nil)
	s.host("retract", nil)
	s.pass(10)
	var r Report
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	if show := r.Shows[0]; show.Scenes != 2 || len(show.Sources) != 2 || show.Sources["authored"] != 1 || show.Sources["reserve"] != 1 {
		t.Errorf("%d scenes from %v", show.Scenes, show.Sources)
	}
}
