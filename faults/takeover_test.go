//go:build unix

package faults

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kinoautomat/cluster/redistest"
)

// A killed owner is followed by another one when its leases have run out, no ballot is lost, only its own viewers have to come back, and nothing is
// left behind: no room in a Redis that stays, no process, no file.
func TestBench(t *testing.T) {
	t.Parallel()
	redis, program := redistest.Start(t, "--appendfsync", "everysec"), build(t)
	b := Bench{Program: program, Redis: redis.URL() + "?prefix=bench", Nodes: 2, Rooms: 2, Viewers: 12, Kills: 1}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	r, err := b.Run(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if r.Takeovers < 1 || r.Event.Count < r.Takeovers || r.Answer.Count != r.Takeovers {
		t.Errorf("%d takeovers, heard of %+v, answered %+v", r.Takeovers, r.Event, r.Answer)
	}
	if least := time.Second.Milliseconds(); r.Event.P50 < least || r.Event.P95 > r.Event.Max || r.Event.Max > answerTime.Milliseconds() { // a lease that was used has 1.5 s left
		t.Errorf("new owners were heard after %+v ms", r.Event)
	}
	if r.Ballots["acknowledged"] == 0 || r.Polls == 0 || r.Lost+r.Twice != 0 {
		t.Errorf("%d polls, ballots %v, %d lost, %d counted twice", r.Polls, r.Ballots, r.Lost, r.Twice)
	}
	if r.Reconnected < 2 || r.Cut != 0 || r.Away.Count != r.Reconnected {
		t.Errorf("%d viewers of killed nodes came back, %d others, away %+v", r.Reconnected, r.Cut, r.Away)
	}
	if left := redis.Do("KEYS", "bench:{*"); left != "" {
		t.Errorf("left in Redis: %s", left)
	}
}

// Without an address a Redis is started, and stopped again with all its files; without a redis-server that is said in one line.
func TestBench_OwnRedis(t *testing.T) {
	redistest.Require(t)
	folder := t.TempDir()
	address, stop, err := startRedis(t.Context(), folder, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if !ping(strings.TrimPrefix(address, "redis://")) {
		t.Errorf("nobody answers at %s", address)
	}
	stop()
	if ping(strings.TrimPrefix(address, "redis://")) {
		t.Errorf("%s answers after the end", address)
	}
	if _, _, err := startRedis(t.Context(), filepath.Join(folder, "missing"), t.Output()); err == nil || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("without a folder: %v", err)
	}
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("PATH", folder)
	_, err = Bench{Nodes: 2, Rooms: 1, Viewers: 2, Kills: 1}.Run(t.Context(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "redis-server") || strings.Contains(err.Error(), "\n") {
		t.Errorf("without redis-server: %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What a run came to is read off the journals: one ballot that was acknowledged and is gone, one that counts twice.
func TestReport(t *testing.T) {
	run := sound()
	lines := run.Rooms["r"]
	lines[4].Hidden = json.RawMessage(`{"poll":"p","viewer":"bo","choices":["b"]}`)                            // ada's change is gone
	lines[5].Data = json.RawMessage(`{"poll":"p","winner":"b","counts":{"a":1,"b":2},"turnout":3}`)            // and bo counts twice
	run.Viewers[0].Ballots = []Ballot{{"p", "a", Acknowledged}, {"p", "b", Acknowledged}, {"p", "c", Refused}} // of which she was sure
	var r Report
	r.sumUp(run, []string{"n1: panic"})
	if r.Polls != 1 || r.Lost != 1 || r.Twice != 1 || r.Ballots["acknowledged"] != 3 || r.Ballots["refused"] != 2 || r.Away.Max != 1000 {
		t.Errorf("got %+v", r)
	}
	if err := r.failure(); err == nil || !strings.Contains(err.Error(), "promises were broken") {
		t.Errorf("failed with %v", err)
	}
	r = Report{}
	r.sumUp(sound(), nil)
	if err := r.failure(); err != nil || r.Lost+r.Twice != 0 {
		t.Errorf("a sound run: %v, %+v", err, r)
	}
	r.Irregular = []string{"n1: panic"}
	if err := r.failure(); err == nil || !strings.Contains(err.Error(), "n1: panic") {
		t.Errorf("failed with %v", err)
	}
}

func TestBench_Check(t *testing.T) {
	for _, c := range []struct {
		change func(*Bench)
		flag   string // "" = allowed
	}{
		{func(b *Bench) {}, ""},
		{func(b *Bench) { b.Nodes = MinNodes - 1 }, "--nodes"},
		{func(b *Bench) { b.Nodes = MinNodes }, ""},
		{func(b *Bench) { b.Nodes = MaxNodes }, ""},
		{func(b *Bench) { b.Nodes = MaxNodes + 1 }, "--nodes"},
		{func(b *Bench) { b.Rooms = 0 }, "--rooms"},
		{func(b *Bench) { b.Rooms, b.Viewers = MaxRooms, 3*MaxRooms }, ""},
		{func(b *Bench) { b.Rooms, b.Viewers = MaxRooms+1, MaxViewers }, "--rooms"},
		{func(b *Bench) { b.Viewers = 3*6 - 1 }, "--viewers"},
		{func(b *Bench) { b.Viewers = 3 * 6 }, ""},
		{func(b *Bench) { b.Viewers = MaxViewers }, ""},
		{func(b *Bench) { b.Viewers = MaxViewers + 1 }, "--viewers"},
		{func(b *Bench) { b.Kills = 0 }, "--kills"},
		{func(b *Bench) { b.Kills = MaxKills }, ""},
		{func(b *Bench) { b.Kills = MaxKills + 1 }, "--kills"},
	} {
		b := Bench{Nodes: 3, Rooms: 6, Viewers: 200, Kills: 10}
		c.change(&b)
		if err := b.Check(); c.flag == "" && err != nil || c.flag != "" && (err == nil || !strings.HasPrefix(err.Error(), c.flag)) {
			t.Errorf("%+v: got %v, want %q", b, err, c.flag)
		}
	}
}
