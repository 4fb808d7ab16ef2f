package narration

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	tokenLength = 5 // characters
	stampTokens = 180
)

// timing is how fast a backend speaks.
type timing struct{ first, each time.Duration }

// usual is what the fake's timing is: slow to its first word, and then faster than people read.
var usual = timing{800 * time.Millisecond, 8600 * time.Microsecond}

// until is the time from a call to its token of a number, from 0 on.
func (t timing) until(token int) time.Duration { return t.first + time.Duration(token)*t.each }

// Names of the fake's models: one tells a scene, the other the times at which its tokens were sent, in Unix nanoseconds.
const (
	tellerModel = "fake"
	stampModel  = "stamps"
)

// fake is a model server on loopback that speaks as much of the OpenAI-compatible protocol as a telling needs. It understands no prompt.
type fake struct {
	base   string
	timing timing
	server *http.Server
	sent   atomic.Int64                    // tokens
	gone   func(mark string, at time.Time) // hears which telling's caller went away before its end; "" where the prompt has no mark
}

func startFake(t timing, gone func(mark string, at time.Time)) (*fake, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the fake backend: %w", err)
	}
	f := &fake{base: "http://" + listener.Addr().String() + "/v1", timing: t, gone: gone}
	f.server = &http.Server{Handler: http.HandlerFunc(f.complete), ReadHeaderTimeout: 10 * time.Second}
	go f.server.Serve(listener) // until close
	return f, nil
}

func (f *fake) close() { f.server.Close() }

// marks names a telling inside of its prompt, so that the fake knows whose stream was closed.
var marks = regexp.MustCompile(`telling-\d+-\w+`)

func (f *fake) complete(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // to the end, so that the server notices when the caller goes away
	var asked struct{ Model string }
	if err != nil || r.Method != http.MethodPost || json.Unmarshal(body, &asked) != nil {
		http.Error(w, "only chat completions are served here", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	due := time.NewTimer(0)
	defer due.Stop()
	for i, token := range tokensOf(asked.Model) {
		due.Reset(time.Until(begun.Add(f.timing.until(i))))
		select {
		case <-r.Context().Done():
			f.gone(marks.FindString(string(body)), time.Now())
			return
		case <-due.C:
		}
		if asked.Model == stampModel {
			token = strconv.FormatInt(time.Now().UnixNano(), 10) + " "
		}
		text, _ := json.Marshal(token) // a string
		fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n", text)
		if out.Flush() == nil {
			f.sent.Add(1)
		}
	}
	io.WriteString(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
}

var sceneTokens, stamps = cut(sceneText), make([]string, stampTokens)

func tokensOf(model string) []string {
	if model == stampModel {
		return stamps
	}
	return sceneTokens
}

func cut(text string) (tokens []string) {
	for len(text) > 0 { // in ASCII
		n := min(tokenLength, len(text))
		tokens = append(tokens, text[:n])
		text = text[n:]
	}
	return tokens
}

// sceneText is what the fake tells, about as long as a cue asks for by default.
var sceneText = strings.Join([]string{
	"The lamp goes out, and for a moment the whole island holds its breath. Below the cliff a boat turns slowly toward the rocks, and nobody on it seems to know.",
	"Mara is already on the stairs. She takes them two at a time with the oil can against her chest, and the wind comes in through every crack to meet her. " +
		"On the last landing she stops, because there is a light under the door that should not be there.",
	"She puts the can down without a sound. Behind the door somebody turns the pages of the keeper's book, one after another, as if looking for a name. " +
		"Far out the horn of the boat calls once, and then it calls again, closer than before.",
	"There are matches in her pocket, and a rope by the window. The floor creaks under her foot. The pages stop.",
}, "\n\n")
