package cluster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// redisForm is how the servers of an address belong together.
type redisForm int

const (
	redisAlone    redisForm = iota // one server
	redisSentinel                  // one primary, found through Sentinels
	redisCluster                   // many primaries that share the keys
)

// redisAddress is what an address says.
type redisAddress struct {
	form    redisForm
	options redis.UniversalOptions
	prefix  string // of all keys and channels
}

// redisAnswerTime is how long Redis may take to answer once, and to be connected to.
const redisAnswerTime = time.Second

// CheckRedis says what is wrong with an address of Redis, without asking anybody. No error repeats the address: it may hold a password.
func CheckRedis(address string) error {
	_, err := parseRedis(address)
	return err
}

// parseRedis reads an address:
//
//	redis://[[USER][:PASSWORD]@]HOST[:PORT][/DATABASE]
//	redis+sentinel://[[USER][:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]/PRIMARY[/DATABASE]
//	redis+cluster://[[USER][:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…]
//
// With rediss in place of redis the connections are TLS. Behind a ? may follow prefix=NAME, ca=FILE (PEM, for TLS), and for Sentinel
// sentinel_user= and sentinel_password=. Ports are 6379 and 26379 unless said. What is special in URLs is percent-encoded.
func parseRedis(address string) (redisAddress, error) {
	a := redisAddress{prefix: "kino", options: redis.UniversalOptions{
		ClientName: "kinoautomat", DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		DialTimeout:              redisAnswerTime, ReadTimeout: redisAnswerTime, WriteTimeout: redisAnswerTime, ContextTimeoutEnabled: true,
		// What is repeated, and what must not be, is said by the callers: repeated by go-redis, a publication would come twice.
		MaxRetries: -1, MaxRedirects: -1, DialerRetries: 1,
	}}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return a, errors.New("is no URL such as redis://host:6379")
	}
	kind, form, _ := strings.Cut(scheme, "+")
	forms := map[string]redisForm{"": redisAlone, "sentinel": redisSentinel, "cluster": redisCluster}
	if a.form, ok = forms[form]; !ok || kind != "redis" && kind != "rediss" {
		return a, errors.New("must begin with redis://, redis+sentinel:// or redis+cluster://, or with rediss for TLS")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := a.login(authority[:at]); err != nil {
			return a, err
		}
		authority = authority[at+1:]
	}
	if err := a.hosts(authority); err != nil {
		return a, err
	}
	if err := a.path(path); err != nil {
		return a, err
	}
	return a, a.query(query, kind == "rediss")
}

func (a *redisAddress) login(text string) (err error) {
	user, password, _ := strings.Cut(text, ":")
	a.options.Username, err = url.PathUnescape(user)
	if err == nil {
		a.options.Password, err = url.PathUnescape(password)
	}
	if err != nil {
		return errors.New("has a user or password with a % that is no percent-encoding")
	}
	return nil
}

func (a *redisAddress) hosts(text string) error {
	port := "6379"
	if a.form == redisSentinel {
		port = "26379"
	}
	for part := range strings.SplitSeq(text, ",") {
		host, p := part, port
		if colon := strings.LastIndexByte(part, ':'); colon > strings.LastIndexByte(part, ']') {
			host, p = part[:colon], part[colon+1:]
		}
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return errors.New("has a port that is no number from 1 to 65535; a / ? # @ or % of a password must be percent-encoded")
		}
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
		if host == "" {
			return errors.New("names no host")
		}
		a.options.Addrs = append(a.options.Addrs, net.JoinHostPort(host, p))
	}
	if a.form == redisAlone && len(a.options.Addrs) > 1 {
		return errors.New("names several hosts; for those write redis+sentinel:// or redis+cluster://")
	}
	return nil
}

func (a *redisAddress) path(path string) error {
	path = strings.TrimSuffix(path, "/")
	if a.form == redisSentinel {
		if a.options.MasterName, path, _ = strings.Cut(path, "/"); a.options.MasterName == "" {
			return errors.New("does not say which primary the Sentinels watch: redis+sentinel://host:26379/NAME")
		}
	}
	if path == "" {
		return nil
	}
	n, err := strconv.Atoi(path)
	if err != nil || n < 0 {
		return errors.New("has a database that is no number, such as /0")
	}
	if a.form == redisCluster && n != 0 {
		return errors.New("names a database; Redis Cluster has only number 0")
	}
	a.options.DB = n
	return nil
}

func (a *redisAddress) query(text string, encrypted bool) error {
	query, err := url.ParseQuery(text)
	if err != nil {
		return errors.New("has something behind the ? that is no query such as prefix=kino")
	}
	ca := ""
	for name, values := range query {
		value := values[len(values)-1]
		switch {
		case name == "prefix":
			if a.prefix = value; value == "" || strings.ContainsAny(value, "{}* ") {
				return errors.New("has an empty prefix, or one with a space or one of {}*")
			}
		case name == "ca" && encrypted:
			ca = value
		case name == "sentinel_user" && a.form == redisSentinel:
			a.options.SentinelUsername = value
		case name == "sentinel_password" && a.form == redisSentinel:
			a.options.SentinelPassword = value
		default:
			return fmt.Errorf("has an unknown or unfitting setting %.20q behind the ?", name)
		}
	}
	if encrypted {
		return a.encrypt(ca)
	}
	return nil
}

// encrypt asks for TLS. The server's certificate must be of the host that is named, signed by an authority that the system knows or that
// stands in the file.
func (a *redisAddress) encrypt(ca string) error {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			return fmt.Errorf("ca=: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("ca=%s: there is no certificate in the file", ca)
		}
	}
	a.options.TLSConfig = config
	return nil
}
