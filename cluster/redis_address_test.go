package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRedisAddress(t *testing.T) {
	for address, want := range map[string]struct {
		form                              redisForm
		addrs, user, password, primary, p string
		db                                int
	}{
		"redis://h":                         {addrs: "h:6379", p: "kino"},
		"redis://h:1/2":                     {addrs: "h:1", p: "kino", db: 2},
		"redis://h:1/":                      {addrs: "h:1", p: "kino"},
		"redis://:p@h":                      {addrs: "h:6379", password: "p", p: "kino"},
		"redis://u:p%40%2f%3a@h?prefix=a:b": {addrs: "h:6379", user: "u", password: "p@/:", p: "a:b"},
		"redis://u:a:b@h":                   {addrs: "h:6379", user: "u", password: "a:b", p: "kino"},
		"redis://[::1]":                     {addrs: "[::1]:6379", p: "kino"},
		"redis://[::1]:7":                   {addrs: "[::1]:7", p: "kino"},
		"redis+cluster://a,b:7":             {form: redisCluster, addrs: "a:6379 b:7", p: "kino"},
		"redis+sentinel://u:p@a,b:7/main/3": {form: redisSentinel, addrs: "a:26379 b:7", user: "u", password: "p", primary: "main", p: "kino", db: 3},
		"redis+sentinel://a/main?sentinel_password=s%2Bs": {form: redisSentinel, addrs: "a:26379", primary: "main", p: "kino"},
	} {
		a, err := parseRedis(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		o := a.options
		if a.form != want.form || strings.Join(o.Addrs, " ") != want.addrs || o.Username != want.user || o.Password != want.password ||
			o.MasterName != want.primary || a.prefix != want.p || o.DB != want.db || o.TLSConfig != nil {
			t.Errorf("%s: got %+v %q", address, o, a.prefix)
		}
		if strings.Contains(address, "sentinel_password") && o.SentinelPassword != "s+s" {
			t.Errorf("%s: got %q", address, o.SentinelPassword)
		}
	}
	if a, err := parseRedis("rediss://h"); err != nil || a.options.TLSConfig == nil {
		t.Errorf("rediss: %v %+v", err, a.options.TLSConfig)
	}
}

// A wrong address is refused with what is wrong in it, and never with its password.
func TestRedisAddress_Wrong(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"localhost:6379":                    "no URL",
		"http://h":                          "must begin",
		"redis+other://h":                   "must begin",
		"redis://":                          "names no host",
		"redis://h:0":                       "from 1 to 65535",
		"redis://h:65536":                   "from 1 to 65535",
		"redis://h:x":                       "from 1 to 65535",
		"redis://:secret/more@h":            "percent-encoded",
		"redis://:secret?more@h":            "percent-encoded",
		"redis://:secret%zz@h":              "no percent-encoding",
		"redis://a,b":                       "several hosts",
		"redis://:secret@h/x":               "no number",
		"redis://h/-1":                      "no number",
		"redis+cluster://h/1":               "only number 0",
		"redis+sentinel://h":                "which primary",
		"redis://h?prefix=":                 "empty prefix",
		"redis://h?prefix={a}":              "one of {}*",
		"redis://h?db=1":                    "unknown or unfitting",
		"redis://h?ca=x":                    "unknown or unfitting",
		"redis://h?sentinel_user=u":         "unknown or unfitting",
		"redis://h?%zz":                     "no query",
		"rediss://h?ca=/is/not/there":       "ca=",
		"rediss://:secret@h?ca=" + empty:    "no certificate",
		"redis+sentinel://:secret@h:1/m/1x": "no number",
	} {
		err := CheckRedis(address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
}
