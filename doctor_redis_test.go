//go:build unix

package main

import (
	"strings"
	"testing"

	"kinoautomat/cluster/redistest"
)

// The doctor says what a Redis is worth, what is wrong with it and how to mend it, and never the password.
func TestDoctor_Redis(t *testing.T) {
	t.Parallel()
	well := redistest.Start(t, "--appendfsync", "everysec")
	flushed := redistest.Start(t, "--requirepass", "hidden")
	careless := redistest.Start(t, "--appendonly", "no", "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	careless.Do("ACL", "SETUSER", "poor", "reset", "on", ">hidden", "~*", "&*", "+hello", "+client|setname", "+set", "+info")
	full := redistest.Start(t, "--appendfsync", "no", "--maxmemory", "1mb", "--maxmemory-policy", "noeviction")
	replica := redistest.StartReplica(t, well, "--replica-read-only", "no")
	whole, _ := redistest.StartCluster(t)
	for name, test := range map[string]struct {
		address string
		ill     bool
		says    map[string]string // kind of line to words
	}{
		"well":      {well.URL(), false, map[string]string{"ok ": "everysec: a crash of Redis loses nothing, a power cut up to about a second"}},
		"flushed":   {"redis://:hidden@" + flushed.Addr(), false, map[string]string{"ok ": "what was acknowledged is on disk"}},
		"careless":  {careless.URL(), true, map[string]string{"warn ": "set appendonly yes", "FAIL ": "set noeviction"}},
		"few":       {"redis://poor:hidden@" + careless.Addr(), true, map[string]string{"FAIL ": "give the user the rights that docs/operating.md lists"}},
		"full":      {full.URL(), true, map[string]string{"FAIL ": "its memory is full"}},
		"replica":   {replica.URL(), true, map[string]string{"FAIL ": "it is a replica"}},
		"clustered": {whole.URL(), true, map[string]string{"FAIL ": "write redis+cluster://"}},
		"cluster":   {"redis+cluster://" + whole.Addr(), false, map[string]string{"ok ": strings.TrimPrefix(whole.Addr(), "127.0.0.1") + ": version"}},
		"alone":     {"redis+cluster://" + well.Addr(), true, map[string]string{"FAIL ": "write redis://"}},
		"gone":      {"redis://:hidden@127.0.0.1:1", true, map[string]string{"FAIL ": "see that Redis runs there"}},
		"wrong":     {"redis://:hiddenhidden@" + flushed.Addr(), true, map[string]string{"FAIL ": "put the right user and password"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := try(t, "doctor", "--redis", test.address, "--addr", "127.0.0.1:0", "--llm", "off")
			if (err != nil) != test.ill {
				t.Errorf("ended with %v", err)
			}
			for kind, words := range test.says {
				if !lineHas(out, kind, words) {
					t.Errorf("no line %q says %q:\n%s", kind, words, out)
				}
			}
			if strings.Contains(out, "hidden") {
				t.Errorf("the password is shown:\n%s", out)
			}
		})
	}
}
