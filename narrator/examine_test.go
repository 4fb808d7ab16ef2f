package narrator_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/narrator/narratortest"
)

// deaf is a server of one slot that does not notice that a caller has gone: it writes on, and lets the next one wait so long.
func deaf(script narratortest.Script, wait time.Duration) http.Handler {
	slot := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/completions") {
			slot <- struct{}{}
			defer func() { <-slot }()
			defer func() {
				if r.Context().Err() != nil {
					time.Sleep(wait)
				}
			}()
		}
		script.ServeHTTP(w, r)
	})
}

func TestExamine(t *testing.T) {
	type script = narratortest.Script
	for name, test := range map[string]struct {
		server script
		deaf   time.Duration // how long it writes on for a caller who has gone
		good   string        // what one finding says to be well
		bad    string        // and what the only one that is not well says
	}{
		"well":               {script{Context: 8192, Delay: 10 * time.Millisecond}, 0, "100 tokens per second", ""},
		"all at once":        {script{Context: 8192}, 0, "the answer came at once", ""},
		"a slow first word":  {script{Context: 8192, First: 3 * time.Second, Delay: 10 * time.Millisecond}, 0, "tokens per second", "first word after 3010 ms; shows wait 2500 ms"},
		"slow":               {script{Context: 8192, Delay: 200 * time.Millisecond}, 0, "first word after 200 ms", "5 tokens per second; people read faster"},
		"does not hear":      {script{Context: 8192, Delay: 10 * time.Millisecond}, 3 * time.Second, "100 tokens per second", "3000 ms later than usual: the server seems to go on writing"},
		"hardly hears":       {script{Context: 8192, Delay: 10 * time.Millisecond}, 400 * time.Millisecond, "the next one is served at once", ""},
		"says nothing":       {script{Mode: narratortest.Empty, Context: 8192}, 0, "lists the model", "it gives no answer"},
		"loads for a minute": {script{Mode: narratortest.Hang, Context: 8192}, 0, "lists the model", "may be loading its model"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := servedBy(t, "openai+http://one?model="+narratortest.ModelName, deaf(test.server, test.deaf))
				good, bad := "", ""
				for _, found := range m.Examine(t.Context()) {
					if found.Good {
						good += found.Text + "\n"
					} else {
						bad += found.Text + "\n"
					}
				}
				if !strings.Contains(good, test.good) || !strings.Contains(bad, test.bad) || (bad == "") != (test.bad == "") || strings.Count(bad, "\n") > 1 {
					t.Errorf("well:\n%sill:\n%swant %q and %q", good, bad, test.good, test.bad)
				}
			})
		})
	}
}
