package narrator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/zap"

	"kinoautomat/narrator/narratortest"
	"kinoautomat/story"
)

// answered is what a cue's telling comes to when a backend answers with these bytes.
func answered(t *testing.T, contentType, body string) (string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}))
	defer server.Close()
	m, err := NewModel(Backend{Kind: "openai", Base: server.URL, Model: "m"}, Options{}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	_, err = m.Tell(context.Background(), story.Cue{MaxChars: 4000}, func(piece string) error {
		text.WriteString(piece)
		return nil
	})
	return text.String(), err
}

func TestWire(t *testing.T) {
	const (
		rains = `data: {"choices":[{"delta":{"content":"It rains. You"}}]}` + "\n\n"
		wait  = `data: {"choices":[{"delta":{"content":" wait."}}]}` + "\n\n"
		stop  = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
		done  = "data: [DONE]\n\n"
		all   = "It rains. You wait."
	)
	padded := func(n int) string { // an event of n bytes
		event := `data: {"choices":[{"delta":{"content":"` + strings.Repeat("She waits. ", 20) + `","x":""}}]}`
		return strings.Replace(event, `"x":""`, `"x":"`+strings.Repeat("x", n-len(event)-1)+`"`, 1) + "\n"
	}
	waits := strings.TrimSpace(strings.Repeat("She waits. ", 20))
	for name, test := range map[string]struct {
		body string
		want string
		err  error
	}{
		"proper":                 {rains + wait + stop + done, all, nil},
		"nothing after the stop": {rains + wait + stop, all, nil},
		"no reason":              {rains + wait + done, all, nil},
		"no space after data":    {strings.ReplaceAll(rains+wait+stop, "data: ", "data:"), all, nil},
		"CRLF":                   {strings.ReplaceAll(rains+wait+stop, "\n", "\r\n"), all, nil},
		"byte order mark":        {"\ufeff" + rains + wait + stop, all, nil},
		"other lines":            {": ping\n\nevent: chunk\nid: 7\n" + rains + "retry: 3\n\n" + wait + stop, all, nil},
		"JSON on several lines":  {"data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"It rains.\"}}]}\n\n" + stop, "It rains.", nil},
		"no blank line at last":  {rains + wait + strings.TrimSpace(stop), all, nil},
		"length":                 {rains + wait + strings.Replace(stop, "stop", "length", 1), "It rains.", nil},
		"filtered":               {rains + strings.Replace(stop, "stop", "content_filter", 1), "It rains.", errRefused},
		"another candidate":      {rains + `data: {"choices":[{"index":1,"delta":{"content":"No."}}]}` + "\n\n" + wait + stop, all, nil},
		"usage, no choices":      {rains + `data: {"choices":[],"usage":{"total_tokens":3}}` + "\n\n" + wait + stop, all, nil},
		"null content":           {rains + `data: {"choices":[{"delta":{"content":null}}]}` + "\n\n" + wait + stop, all, nil},
		"null error":             {strings.ReplaceAll(rains+wait+stop, `{"choices"`, `{"error":null,"choices"`), all, nil},
		"words after the stop":   {rains + wait + stop + rains, all, nil},
		"error after the stop":   {rains + wait + stop + `data: {"error":{"message":"no"}}` + "\n\n", all, nil},
		"usage after the stop":   {rains + wait + stop + `data: {"choices":[],"usage":{"prompt_tokens":3}}` + "\n\n" + done, all, nil},
		"thoughts apart":         {`data: {"choices":[{"delta":{"reasoning_content":"Hm.","reasoning":"Hm."}}]}` + "\n\n" + rains + wait + stop, all, nil},
		"only thoughts":          {`data: {"choices":[{"delta":{"reasoning":"Hm."}}]}` + "\n\n" + stop, "", errEmpty},
		"nothing":                {"", "", errEmpty},
		"only done":              {done, "", errEmpty},
		"no end":                 {rains + wait, "It rains.", errCut},
		"half a line":            {rains + wait[:20], "It rains.", errCut},
		"not JSON":               {rains + "data: {oops}\n\n" + wait + stop, "It rains.", errRefused},
		"not an object":          {rains + "data: [1]\n\n" + wait + stop, "It rains.", errRefused},
		"error as OpenAI":        {rains + `data: {"error":{"message":"no"}}` + "\n\n" + done, "It rains.", errRefused},
		"error as Ollama":        {rains + `data: {"error":"no"}` + "\n\n", "It rains.", errRefused},
		"error as old vLLM":      {rains + `data: {"object":"error","message":"no"}` + "\n\n" + done, "It rains.", errRefused},
		"error as old llama.cpp": {rains + `error: {"message":"no"}` + "\n\n", "It rains.", errRefused},
		"the longest event":      {padded(maxEvent) + "\n" + stop, waits, nil},
		"too long an event":      {padded(maxEvent+1) + "\n" + stop, "", errRefused},
		"too many lines":         {strings.Repeat("data: [\n", maxEvent/2+1) + "\n", "", errRefused},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := answered(t, "text/event-stream; charset=utf-8", test.body)
			if text != test.want || !errors.Is(err, test.err) {
				t.Errorf("told %q, %v; want %q, %v", text, err, test.want, test.err)
			}
		})
	}
}

func TestWire_NoStream(t *testing.T) {
	for name, test := range map[string]struct {
		contentType, body string
		want              string
		err               error
	}{
		"whole":        {"application/json", `{"choices":[{"message":{"content":"It rains."},"finish_reason":"stop"}]}`, "It rains.", nil},
		"no reason":    {"application/json", `{"choices":[{"message":{"content":"It rains."}}]}`, "It rains.", nil},
		"cut":          {"application/json", `{"choices":[{"message":{"content":"It rai`, "", errRefused},
		"error":        {"application/json", `{"error":{"message":"no"}}`, "", errRefused},
		"no choices":   {"application/json", `{}`, "", errEmpty},
		"null choice":  {"application/json", `{"choices":[null]}`, "", errEmpty},
		"web page":     {"text/html", "<html>Welcome</html>", "", errRefused},
		"too long":     {"application/json", `{"x":"` + strings.Repeat("x", maxEvent) + `"}`, "", errRefused},
		"words, typed": {"text/plain", "It rains.", "", errEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := answered(t, test.contentType, test.body)
			if text != test.want || !errors.Is(err, test.err) {
				t.Errorf("told %q, %v; want %q, %v", text, err, test.want, test.err)
			}
		})
	}
}

func TestWire_Refusal(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"No"}}`:           "no",
		`{"error":"No"}`:                       "no",
		`{"object":"error","message":"No"}`:    "no",
		`{"detail":"No"}`:                      "no",
		"No\n  way":                            "no way",
		"":                                     "",
		strings.Repeat("ä", maxReport) + "ä":   strings.Repeat("ä", maxReport-1) + "…",
		`{"error":{"code":7}}`:                 `{"error":{"code":7}}`,
		strings.Repeat("ä", maxReport-1) + "Ä": strings.Repeat("ä", maxReport),
	} {
		if got := readStatus(500, nil, []byte(body), strings.ToLower).Error(); got != errRefused.Error()+": status 500, "+want {
			t.Errorf("%s: got %q, want it to end with %q", body, got, want)
		}
	}
}

// A backend that does not end its stream delays nobody once the model is done.
func TestStream_Lingers(t *testing.T) {
	for name, after := range map[string]string{
		"silent":   "",
		"pings":    ": ping\n\n",
		"usage":    `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7}}` + "\n\n",
		"no words": "data: [DONE]\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial := narratortest.DialHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					w.Header().Set("Content-Type", "text/event-stream")
					io.WriteString(w, `data: {"choices":[{"delta":{"content":"It rains."},"finish_reason":"stop"}]}`+"\n\n"+after)
					http.NewResponseController(w).Flush()
					<-r.Context().Done()
				}))
				m, err := NewModel(Backend{Kind: "openai", Base: "http://one/v1", Model: "m"}, Options{Dial: dial}, zap.NewNop())
				if err != nil {
					t.Fatal(err)
				}
				answer, err := NewPool(m).Ask(t.Context(), "r", []Turn{{RoleAsked, "Go on."}}, Call{})
				if err != nil || answer.Text != "It rains." || answer.Took != linger {
					t.Errorf("told %q after %v, %v; want the words after %v", answer.Text, answer.Took, err, linger)
				}
				if name == "usage" && answer.Tokens != 7 {
					t.Errorf("%d tokens, want 7", answer.Tokens)
				}
			})
		})
	}
}

func TestShownContext(t *testing.T) {
	long := map[string]any{"llama.context_length": 131072.0, "llama.block_count": 32.0}
	for name, test := range map[string]struct {
		info       map[string]any
		parameters string
		want       int
	}{
		"nothing":          {nil, "", 0},
		"a long model":     {long, "", ollamaContext},
		"a short model":    {map[string]any{"gemma.context_length": 2048.0}, "stop \"x\"\n", 2048},
		"of the Modelfile": {long, "temperature 1\nnum_ctx                        32768\n", 32768},
		"an odd one":       {long, "num_ctx lots\n", ollamaContext},
	} {
		if got := shownContext(test.info, test.parameters); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
