//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kinoautomat/cluster/redistest"
)

// Two nodes with one Redis are one place: what is made on one can be read, listed and deleted on the other, with the same tokens, and is there
// when both have been started again.
func TestServe_Redis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	unused := filepath.Join(t.TempDir(), "data")
	flags := []string{"--redis", server.URL(), "--data", unused}
	one := start(t, append(flags, "--demo", "first")...)
	printed := strings.Join(one.lines, "\n")
	_, admin, ok := strings.Cut(printed, "admin token (shown once, kept with the rooms): ")
	if !ok {
		t.Fatalf("no admin token in\n%s", printed)
	}
	admin, _, _ = strings.Cut(admin, "\n")
	two := start(t, append(flags, "--demo", "first")...)
	if strings.Contains(strings.Join(two.lines, "\n"), "admin token") {
		t.Error("the second node made a token of its own")
	}
	made, err := http.Post(one.url+"/api/v1/rooms", "application/json", strings.NewReader(`{"story":"one-pear","settings":{"public":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer made.Body.Close()
	var room struct {
		ID   string
		Host string `json:"host_token"`
	}
	if err := json.NewDecoder(made.Body).Decode(&room); err != nil || room.ID == "" {
		t.Fatal(err, made.Status)
	}
	for _, token := range []string{room.Host, admin} {
		if status, body := get(t, two.url+"/api/v1/rooms/"+room.ID+"/journal", token); status != http.StatusOK || !strings.Contains(body, "room.created") {
			t.Errorf("journal from the other node: %d %.200s", status, body)
		}
	}
	if status, body := get(t, two.url+"/api/v1/rooms/"+room.ID, ""); status != http.StatusOK || !strings.Contains(body, `"phase":"lobby"`) {
		t.Errorf("snapshot from the other node: %d %.200s", status, body)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, body := get(t, two.url+"/api/v1/rooms", ""); strings.Contains(body, room.ID) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the other node lists %s", body)
		}
	}
	if status, body := get(t, two.url+"/readyz", ""); status != http.StatusOK {
		t.Errorf("ready: %d %s", status, body)
	}
	if out, err := try(t, "export", "--redis", server.URL(), room.ID); err != nil || !strings.HasPrefix(out, `{"room":"`+room.ID+`","event":{"n":1,`) {
		t.Errorf("export: %v, %.200s", err, out)
	}
	for _, n := range []started{one, two} {
		if err := n.stop(); err != nil {
			t.Error("drained with", err)
		}
	}
	again := start(t, flags...)
	if status, body := get(t, again.url+"/api/v1/rooms/"+room.ID+"/journal", room.Host); status != http.StatusOK || !strings.Contains(body, "room.created") {
		t.Errorf("journal after a restart: %d %.200s", status, body)
	}
	if err := again.stop(); err != nil {
		t.Error("drained with", err)
	}
}

// A wrong address is a wrong setting; a Redis that does not answer is an error. Neither shows the password.
func TestServe_RedisWrong(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "url")
	write(t, secret, "redis://:hidden@127.0.0.1:1\n")
	t.Setenv("KINO_REDIS_FILE", secret)
	if _, err := try(t, "serve", "--addr", "127.0.0.1:0", "--llm", "off"); err == nil || isUsage(err) || !strings.Contains(err.Error(), "127.0.0.1:1") || strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v", err)
	}
	if _, err := try(t, "serve", "--redis", "redis://:hidden@a,b"); !isUsage(err) || !strings.Contains(err.Error(), "--redis: the address names several hosts") {
		t.Errorf("got %v", err)
	}
	out, err := try(t, "serve", "--help")
	if err != nil || !strings.Contains(out, "[KINO_REDIS]") || strings.Contains(out, "hidden") {
		t.Errorf("%v: %s", err, out)
	}
}
