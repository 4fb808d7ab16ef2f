package main

import (
	"strings"
	"testing"
)

func TestBench_Usage(t *testing.T) {
	for _, c := range []struct {
		args, says string
	}{
		{"bench", "name a benchmark"},
		{"bench fanout --viewers 0", "--viewers"},
		{"bench fanout --viewers many", "viewers"},
		{"bench fanout now", `"now"`},
		{"bench fanout --pid 7", "--pid"},
		{"bench vote --within 1ms", "--within"},
		{"bench vote --url https://127.0.0.1", "--url"},
		{"bench vote --rate 10", "rate"},
		{"bench floor --bytes 1", "--bytes"},
		{"bench soak --for 1s", "--for"},
		{"bench soak --churn 2", "--churn"},
		{"bench soak --redis http://127.0.0.1", "--redis"},
		{"bench takeover --nodes 1", "--nodes"},
		{"bench takeover --viewers 17", "--viewers"},
		{"bench takeover --kills 0", "--kills"},
		{"bench takeover --redis http://127.0.0.1", "--redis"},
		{"bench narrator --polls 0", "--polls"},
		{"bench narrator --voting 1ms", "--voting"},
		{"bench narrator --rooms 5000", "--rooms"},
		{"bench narrator --streams 0", "--streams"},
		{"bench narrator --llm gpt", "--llm"},
		{"bench recommend", "--ratings"},
		{"bench recommend --ratings . --seeds 0", "--seeds"},
		{"bench recommend --ratings . --only everything", "--only"},
	} {
		_, err := try(t, strings.Fields(c.args)...)
		if !isUsage(err) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", c.args, err, c.says)
		}
	}
}

func TestBench_Help(t *testing.T) {
	for args, says := range map[string]string{"bench --help": "fanout", "bench fanout --help": "--floor", "bench vote -h": "--within", "bench soak --help": "--churn", "bench takeover --help": "--kills",
		"bench narrator --help": "--llm"} {
		if out, err := try(t, strings.Fields(args)...); err != nil || !strings.Contains(out, says) {
			t.Errorf("%s: got %q, %v", args, out, err)
		}
	}
}

// A backend that fails a check ends the program with status 1, and what was found is printed all the same.
func TestBench_NarratorIll(t *testing.T) {
	out, err := try(t, "bench", "narrator", "--llm", "openai+http://127.0.0.1:1/v1?model=none")
	if err == nil || isUsage(err) || !strings.Contains(out, `"state": "fail"`) || !strings.Contains(out, "see that the server runs") {
		t.Errorf("got %v with %s", err, out)
	}
}

// What a benchmark keeps in a Redis that others use stands apart from theirs, unless the address says where.
func TestBench_Redis(t *testing.T) {
	for given, want := range map[string]string{
		"":                                     "",
		"redis://127.0.0.1:1":                  "redis://127.0.0.1:1?prefix=kino-bench",
		"redis+sentinel://a/m?sentinel_user=u": "redis+sentinel://a/m?prefix=kino-bench&sentinel_user=u",
		"redis://127.0.0.1?prefix=kino":        "redis://127.0.0.1?prefix=kino",
		"redis+sentinel://a/m?sentinel_user=u&prefix=o": "redis+sentinel://a/m?sentinel_user=u&prefix=o",
	} {
		f := newSettings("bench")
		read := redisSetting(f, "of a Redis")
		if err := f.read([]string{"--redis", given}, t.Output()); err != nil {
			t.Fatal(err)
		}
		if got, err := read(false); err != nil || got != given {
			t.Errorf("%s of others: got %q, %v", given, got, err)
		}
		if got, err := read(true); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", given, got, err, want)
		}
	}
}
