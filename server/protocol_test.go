package server

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/constant"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kinoautomat/room"
	"kinoautomat/vote"
)

func TestProtocolTellsOfCommandsAndEvents(t *testing.T) {
	commands, letters := cells(t, "Commands", "command"), map[room.Role]string{"viewer": "V", "moderator": "M", "host": "H", "overlay": "O"}
	same(t, "commands", room.CommandTypes(), sortedKeys(commands))
	for name, row := range commands {
		var who []string
		for _, r := range room.CommandRoles(name) {
			who = append(who, letters[r])
		}
		if name == "vote" {
			who = who[:2] // the host may send it, but has no ballot
		}
		same(t, name+": who may", strings.Join(who, " "), row[1])
		if _, several := commandData[name].(room.Moderate); !several {
			same(t, name+": data", shape(commandData[name]), strings.Trim(row[0], "`"))
		}
	}
	events := cells(t, "Events", "event")
	same(t, "events", room.EventTypes(), sortedKeys(events))
	for name, row := range events {
		same(t, name+": data", shape(eventData[name]), strings.Trim(row[0], "`"))
		if told := row[2]; (told == "conflated") != room.Conflated(name) || (told == "numbered") != !(room.Passing(name) || room.Private(name)) || (told == "private") != room.Private(name) {
			t.Errorf("%s: told as %s", name, told)
		}
	}
	for name, data := range answerData {
		if row := cells(t, "Frames", "answer")[name]; row == nil || name != "ack" && !strings.Contains(row[0], shape(data)) {
			t.Errorf("%s: data %s is told as %v", name, shape(data), row)
		}
	}
	kept := slices.DeleteFunc(room.JournalTypes(), func(name string) bool { return slices.Contains(room.EventTypes(), name) })
	same(t, "types of the journal alone", kept, sortedKeys(cells(t, "Journal", "type")))
}

func TestProtocolTellsOfCodesAndCalls(t *testing.T) {
	codes := slices.Sorted(slices.Values(room.Codes))
	same(t, "error codes", codes, sortedKeys(cells(t, "Errors", "code")))
	closes := []string{"1006", "1009"} // the protocol's own
	for name, value := range constants(t, "viewer.go") {
		if n, ok := constant.Int64Val(value); ok && strings.HasPrefix(name, "close") {
			closes = append(closes, strconv.FormatInt(n, 10))
		}
	}
	slices.Sort(closes)
	same(t, "close codes", closes, sortedKeys(cells(t, "Close codes", "code")))
	for code, row := range cells(t, "Close codes", "code") {
		if strings.HasPrefix(code, "4") && strings.HasPrefix(row[1], "yes") != (code < "4500") {
			t.Errorf("close code %s: come back: %s", code, row[1])
		}
	}
	same(t, "calls", routes(t), sortedKeys(cells(t, "REST", "call")))
	statuses := cells(t, "REST", "status")
	for code, status := range statusOf {
		if code != room.CodeBadFrame && !strings.Contains(strings.Join(statuses[strconv.Itoa(status)], ""), "`"+code+"`") {
			t.Errorf("status %d does not name %s", status, code)
		}
	}
}

func TestProtocolTellsOfLimits(t *testing.T) {
	of := func(name string) constant.Value {
		value, ok := constants(t, "../room/*.go")[name]
		if !ok {
			t.Fatalf("room has no constant %s", name)
		}
		return value
	}
	seconds := func(name string) string {
		ms, _ := constant.Int64Val(of(name))
		return fmt.Sprint((time.Duration(ms) * time.Millisecond).Seconds(), " s")
	}
	days := func(d time.Duration) string { return fmt.Sprint(d.Hours()/24, " days") }
	rows := cells(t, "Limits", "limit")
	for label, want := range map[string]string{
		"a frame from a viewer":                   fmt.Sprint(maxFrame, " bytes"),
		"an `id` or a `type":                      fmt.Sprint(of("maxFrameID"), " bytes"),
		"commands of a connection, sustained":     fmt.Sprint(commandsPerSec, " per second"),
		"commands at once":                        strconv.Itoa(commandsBurst),
		"refusals in a row":                       strconv.Itoa(refusalsAllowed),
		"unanswered commands of a connection":     strconv.Itoa(pendingCommands),
		"commands waiting in a room":              fmt.Sprint(of("inboxSize")),
		"wait for an answer":                      fmt.Sprint(commandLife.Seconds(), " s"),
		"wait for a room to open":                 fmt.Sprint(joinWithin.Seconds(), " s"),
		"connections of a person in a room":       fmt.Sprint(seatsPerViewer, " per node"),
		"frames behind":                           strconv.Itoa(ringSize),
		"own frames waiting":                      strconv.Itoa(directQueued),
		"one write to a viewer":                   fmt.Sprint(slowWrite.Seconds(), " s"),
		"silence":                                 fmt.Sprint(readSilence.Seconds(), " s"),
		"between two pings of the node":           fmt.Sprint(pingEvery.Seconds(), " s"),
		"a name":                                  fmt.Sprint(room.MaxNameLength, " characters"),
		"a room's title":                          fmt.Sprint(room.MaxTitleLength, " characters"),
		"a line of chat":                          fmt.Sprint(room.MaxLineLength, " characters"),
		"a moderator's reason":                    fmt.Sprint(room.MaxWhyLength, " characters"),
		"a narrator's words, edited":              fmt.Sprint(room.MaxEditLength, " characters"),
		"a narrator's words wait to be read":      seconds("holdFor"),
		"a suggestion":                            fmt.Sprint(room.MaxSuggestionLength, " characters"),
		"suggestions for a scene":                 strconv.Itoa(room.SuggestionsKept),
		"suggestions that a narrator gets":        strconv.Itoa(room.MaxWishes),
		"between two reactions":                   fmt.Sprint(of("reactEvery"), " ms"),
		"between two lines":                       fmt.Sprint(of("sayEvery"), " ms"),
		"slow mode":                               fmt.Sprint(room.MaxSlow, " s"),
		"a timeout":                               fmt.Sprint(room.MaxTimeout, " s"),
		"one extension of a poll":                 fmt.Sprint(room.MaxExtend, " s"),
		"choices of a poll":                       strconv.Itoa(vote.MaxChoices),
		"arm":                                     fmt.Sprint(vote.MaxArmSeconds, " s"),
		"vote":                                    fmt.Sprint(vote.MaxVoteSeconds, " s"),
		"tail":                                    fmt.Sprint(vote.MaxTailSeconds, " s"),
		"pace":                                    fmt.Sprint(room.MaxPace, " characters per second"),
		"capacity":                                fmt.Sprint(room.MaxCapacity, " viewers"),
		"the host's decision of a tie":            seconds("hostDecides"),
		"choices of a bridge, from the last word": seconds("planGiveUp") + "; after " + seconds("planHurry") + " the narrator is hurried",
		"a poll after a takeover":                 seconds("takeoverAtPoll"),
		"a dropped viewer counts as here":         seconds("presenceGrace"),
		"words are told every":                    fmt.Sprint(of("deltaEvery"), " ms"),
		"counts are told every":                   fmt.Sprint(of("tallyEvery"), " ms"),
		"beat every":                              seconds("beatEvery"),
		"scenes in a recap":                       strconv.Itoa(room.RecapSteps),
		"roads not taken, at the end of a show":   strconv.Itoa(room.UntoldKept),
		"characters of one":                       strconv.Itoa(room.MaxUntoldLength),
		"lines in a snapshot":                     strconv.Itoa(room.ChatKept),
		"names in a list of viewers":              strconv.Itoa(room.PeopleNamed),
		"a show without anybody":                  seconds("abandonedAfter"),
		"people who have gone and are remembered": fmt.Sprint(room.GoneKept, " in a room"),
		"a viewer's marks, of each kind":          strconv.Itoa(room.MarksKept),
		"stories of which a viewer's stars are remembered": strconv.Itoa(room.RatedKept),
		"between two lists of a viewer's own":              seconds("tasteEvery"),
		"stories in a poll about the next show":            fmt.Sprintf("%d–%d", room.MinNext, room.MaxNext),
		"reasons of a pick":                                strconv.Itoa(room.MaxReasons),
		"between two lists of the sidebar":                 seconds("sidebarEvery"),
		"a guest's token":                                  days(guestLife),
		"rooms made by an address":                         fmt.Sprint(roomsPerMinute, " per minute"),
		"body of a request":                                fmt.Sprint(maxBody, " bytes"),
		"a room is kept":                                   days(defaultRetention) + " after its last event",
	} {
		if row, ok := rows[label]; !ok || row[0] != want {
			t.Errorf("limit %q: the page says %v, the code %s", label, row, want)
		}
		delete(rows, label)
	}
	for label := range rows {
		t.Errorf("limit %q is held against no constant", label)
	}
}

func TestProtocolTellsOfSettings(t *testing.T) {
	rules, settings := reflect.ValueOf(vote.DefaultRules()), cells(t, "Settings", "setting")
	var names []string
	for _, f := range fields(reflect.TypeFor[room.Settings]()) {
		names = append(names, f.name)
	}
	slices.Sort(names)
	same(t, "settings", names, sortedKeys(settings))
	for f, value := range rules.Fields() {
		if name := f.Tag.Get("json"); settings[name] != nil {
			same(t, name+": default", fmt.Sprint(value), strings.Trim(settings[name][2], "`"))
		}
	}
	same(t, "capacity: default", strconv.Itoa(room.DefaultCapacity), settings["capacity"][2])
	pace := constants(t, "../room/settings.go")
	same(t, "pace: default", fmt.Sprintf("%s (Chinese %s)", pace["defaultPace"], pace["defaultPaceChinese"]), settings["pace"][2])
}

// The transcript is whole frames, and its draw can be repeated.
func TestProtocolTranscript(t *testing.T) {
	var opened room.PollOpened
	var closed room.PollClosed
	frames := 0
	for line := range strings.Lines(readText(t, "../docs/protocol.md")) {
		text, ours := strings.CutPrefix(line, "→ ")
		if !ours {
			var theirs bool
			if text, theirs = strings.CutPrefix(line, "← "); !theirs {
				continue
			}
		}
		var f room.Frame
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, "{…}", "{}")), &f); err != nil {
			t.Errorf("%v in %s", err, line)
			continue
		}
		frames++
		data, known := commandData[f.Type]
		if !ours {
			data, known = eventData[f.Type]
			if answer, ok := answerData[f.Type]; ok {
				data, known = answer, true
			}
		}
		if !known {
			t.Errorf("there is no %q: %s", f.Type, line)
			continue
		}
		if data != nil && len(f.Data) > 0 {
			strict := json.NewDecoder(strings.NewReader(string(f.Data)))
			strict.DisallowUnknownFields()
			if err := strict.Decode(reflect.New(reflect.TypeOf(data)).Interface()); err != nil {
				t.Errorf("%v in %s", err, line)
			}
		}
		into := map[string]any{"poll.opened": &opened, "poll.closed": &closed}[f.Type]
		if into != nil {
			if err := json.Unmarshal(f.Data, into); err != nil {
				t.Fatal(err)
			}
		}
	}
	if frames < 20 {
		t.Fatalf("only %d frames were found", frames)
	}
	seed, err := hex.DecodeString(closed.DrawSeed)
	if err != nil || len(seed) != 32 {
		t.Fatal("the seed is not 32 bytes in hex:", err)
	}
	poll, err := vote.New(opened.Poll, opened.Choices, opened.Rules, [32]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	for viewer, choice := range map[string]string{"Ada": "a", "Bo": "b"} {
		if err := poll.Cast(viewer, []string{choice}); err != nil {
			t.Fatal(err)
		}
	}
	result, _ := poll.Close(3)
	same(t, "the poll's result", result, closed.Result)
	same(t, "draw_hash", poll.DrawHash(), opened.DrawHash)
	same(t, "why", result.Words(opened.Choices, "en"), closed.Why)
}

// ---- tools ----
