//go:build unix

package cluster_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"kinoautomat/cluster/redistest"
)

// documentedUser finds the rule of an ACL that docs/operating.md tells operators to set.
var documentedUser = regexp.MustCompile(`(?m)^ACL SETUSER kinoautomat (.*)$`)

func rule(t *testing.T, prefix, password string) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	found := documentedUser.FindSubmatch(text)
	if found == nil {
		t.Fatal("docs/operating.md has no line that begins with ACL SETUSER kinoautomat")
	}
	r := strings.NewReplacer("PASSWORD", password, "~kino:*", "~"+prefix+"*", "&kino:*", "&"+prefix+"*")
	return append([]string{"ACL", "SETUSER", "kinoautomat"}, strings.Fields(r.Replace(string(found[1])))...)
}

// user makes the documented user, with a prefix of keys that has room for every case's own, and returns its address behind the ://.
func user(t *testing.T, server *redistest.Server) string {
	t.Helper()
	if got := server.Do(rule(t, "kino", "s3cret")...); got != "OK" {
		t.Fatal(got)
	}
	t.Cleanup(func() {
		if refused := server.Do("ACL", "LOG"); refused != "" {
			t.Errorf("refused:\n%s", refused)
		}
	})
	return "kinoautomat:s3cret@" + server.Addr()
}

// The rights that are documented are no more than are needed; that they are enough, the suite shows.
func TestRedis_RightsAreFew(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Do(rule(t, "kino:", "s3cret")...)
	for _, command := range []string{"FLUSHALL", "CONFIG SET maxmemory 1", "ACL LIST", "KEYS *", "SHUTDOWN", "GET other", "PUBLISH other x", "DEBUG SLEEP 0"} {
		got := server.Do(append([]string{"ACL", "DRYRUN", "kinoautomat"}, strings.Fields(command)...)...)
		if got == "OK" {
			t.Errorf("%s is allowed", command)
		}
	}
}
