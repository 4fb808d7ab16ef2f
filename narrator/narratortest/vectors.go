package narratortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// Vectors is the embeddings API of a model server. A text's vector has one number for each of Words: how often the text has it.
type Vectors struct {
	Words   []string
	Longest int    // characters of a text that it takes; longer ones are refused as llama.cpp does; 0 = any
	Key     string // if set, requests without it are refused
	Calls   *atomic.Int64
}

// ServeHTTP implements http.Handler. Vectors come last text first, as the form allows.
func (v Vectors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if v.Calls != nil {
		v.Calls.Add(1)
	}
	var asked struct {
		Model string
		Input []string
	}
	switch {
	case v.Key != "" && r.Header.Get("Authorization") != "Bearer "+v.Key:
		refuse(w, http.StatusUnauthorized, "authentication_error", "Incorrect API key provided: "+r.Header.Get("Authorization"))
		return
	case r.Method+" "+r.URL.Path != "POST /v1/embeddings":
		http.NotFound(w, r)
		return
	case json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Model != ModelName:
		refuse(w, http.StatusBadRequest, "invalid_request_error", "no such model")
		return
	}
	var vectors []string
	for i, text := range asked.Input {
		if v.Longest > 0 && utf8.RuneCountInString(text) > v.Longest {
			refuse(w, http.StatusInternalServerError, "server_error", "input is too large to process")
			return
		}
		numbers := make([]int, len(v.Words))
		for k, word := range v.Words {
			numbers[k] = strings.Count(text, word)
		}
		list, _ := json.Marshal(numbers)
		vectors = append(vectors, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":%s}`, i, list))
	}
	slices.Reverse(vectors)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"object":"list","model":%q,"data":[%s]}`, ModelName, strings.Join(vectors, ","))
}
