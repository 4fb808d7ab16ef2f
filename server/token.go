package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kinoautomat/room"
)

// Tokens are signed and kept nowhere. A guest's names a person across rooms (an opaque id and a date); a role's names one room.
//
//	g.<guest id>.<Unix seconds of issue>.<signature>
//	h|m|o.<room>.<signature>          host, moderator, overlay

// guestLife is how long a guest is known by the same token.
const guestLife = 30 * 24 * time.Hour

var errBadToken = errors.New("token is not one of ours, or has expired")

// keys sign tokens and know the admin's.
type keys struct {
	Secret []byte `json:"secret"`
	Admin  string `json:"admin"`
}

// KeyKeeper keeps the keys of all nodes that share rooms: it keeps fresh ones unless some are kept already, and returns what is kept.
type KeyKeeper func(fresh []byte) (kept []byte, err error)

// loadKeys gets the keys from their keeper, who may be nil: then they end with the process. fresh says that they are new.
func loadKeys(keep KeyKeeper, admin string) (k keys, fresh bool, err error) {
	k = keys{Secret: make([]byte, 32), Admin: rand.Text()}
	rand.Read(k.Secret)
	fresh = true
	if keep != nil {
		made := k.Admin
		text, err := json.Marshal(k)
		if err != nil {
			return k, false, err
		}
		if text, err = keep(text); err != nil {
			return k, false, fmt.Errorf("keep keys: %w", err)
		}
		if k, err = parseKeys(text); err != nil {
			return k, false, err
		}
		fresh = k.Admin == made
	}
	if admin != "" {
		k.Admin, fresh = admin, false
	}
	return k, fresh, nil
}

var errNoKeys = errors.New("what is kept as keys is none; remove it to get new ones (all tokens end)")

func parseKeys(text []byte) (k keys, err error) {
	if err := json.Unmarshal(text, &k); err != nil || len(k.Secret) < 32 {
		return keys{}, errNoKeys
	}
	return k, nil
}

// CheckKeys says what is wrong with the keys in a data folder; that there are none yet is no error.
func CheckKeys(dir string) error {
	_, err := readKeys(dir)
	return err
}

func keyFile(dir string) string { return filepath.Join(dir, "keys.json") }

// KeyFile keeps keys in a data folder.
func KeyFile(dir string) KeyKeeper {
	return func(fresh []byte) ([]byte, error) {
		text, err := readKeys(dir)
		if err != nil || text != nil {
			return text, err
		}
		return fresh, writeKeys(dir, fresh)
	}
}

// readKeys reads the key file of a data folder; nil when there is none.
func readKeys(dir string) ([]byte, error) {
	text, err := os.ReadFile(keyFile(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read keys: %w", err)
	}
	if _, err := parseKeys(text); err != nil {
		return nil, fmt.Errorf("read %s: not a key file; move it away to get new keys (all tokens end)", keyFile(dir))
	}
	return text, nil
}

// writeKeys writes the keys under another name first: a node that was killed in between would else find half of them and never start again.
func writeKeys(dir string, text []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, "keys-*") // only its owner may read it
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), keyFile(dir))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func (k keys) sign(text string) string {
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (k keys) seal(text string) string { return text + "." + k.sign(text) }

// open gives back what was sealed.
func (k keys) open(token string) (string, bool) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 || len(token) > 200 {
		return "", false
	}
	text := token[:at]
	return text, hmac.Equal([]byte(k.sign(text)), []byte(token[at+1:]))
}

// newGuest makes the token of somebody new.
func (k keys) newGuest(now time.Time) (token, guest string) {
	guest = uuid.NewString()
	return k.seal("g." + guest + "." + strconv.FormatInt(now.Unix(), 10)), guest
}

// roleLetters stand for roles in tokens.
var roleLetters = map[string]room.Role{"h": room.RoleHost, "m": room.RoleModerator, "o": room.RoleOverlay}

func (k keys) roleToken(role room.Role, roomID string) string {
	for letter, r := range roleLetters {
		if r == role {
			return k.seal(letter + "." + roomID)
		}
	}
	return ""
}

// identity is who a connection speaks for.
type identity struct {
	viewer string // differs from room to room, so that nobody is followed across rooms
	role   room.Role
	token  string
}

// identify reads a token for a room.
func (k keys) identify(token, roomID string, now time.Time) (identity, error) {
	text, ok := k.open(token)
	if !ok {
		return identity{}, errBadToken
	}
	parts := strings.Split(text, ".")
	if parts[0] == "g" && len(parts) == 3 {
		issued, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil || now.Sub(time.Unix(issued, 0)) > guestLife {
			return identity{}, errBadToken
		}
		return identity{viewer: k.viewerID(roomID, room.RoleViewer, parts[1]), role: room.RoleViewer, token: token}, nil
	}
	role, known := roleLetters[parts[0]]
	if !known || len(parts) != 2 || parts[1] != roomID {
		return identity{}, errBadToken
	}
	return identity{role: role, token: token}, nil
}

// as gives a role's connection its person: a host who is also in the audience is two people, and only one of them votes.
func (k keys) as(id identity, roomID, guest string) identity {
	if id.role == room.RoleHost || id.role == room.RoleModerator {
		id.viewer = k.viewerID(roomID, id.role, guest)
	}
	return id
}

func (k keys) viewerID(roomID string, role room.Role, guest string) string {
	mac := hmac.New(sha256.New, k.Secret)
	mac.Write([]byte(roomID + " " + string(role) + " " + guest))
	return uuid.NewSHA1(uuid.NameSpaceOID, mac.Sum(nil)).String()
}

// guestOf is the guest that a guest token names.
func (k keys) guestOf(token string, now time.Time) (string, bool) {
	if _, err := k.identify(token, "", now); err != nil || !strings.HasPrefix(token, "g.") {
		return "", false
	}
	return strings.Split(token, ".")[1], true
}

// isAdmin compares in constant time.
func (k keys) isAdmin(token string) bool {
	return token != "" && hmac.Equal([]byte(k.sign(token)), []byte(k.sign(k.Admin)))
}
