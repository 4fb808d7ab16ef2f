package narrator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/openai"
	"go.uber.org/zap"
)

const (
	maxVectors = 32 << 20         // bytes of an answer with vectors
	embedTime  = 30 * time.Second // for all texts that are asked for together; a server may have to load its model first
	leastText  = 200              // characters: a shorter text is not cut when a model refuses it
	mostCuts   = 3                // times that a text is halved
)

// Embedder asks a model for vectors of texts: texts of like meaning have vectors of like direction. Ollama is asked over its OpenAI-compatible
// API, too. It is safe for concurrent use.
type Embedder struct {
	backend Backend
	http    *http.Client
	log     *zap.Logger
	ill     atomic.Bool // the last call failed
}

// NewEmbedder returns the embedding model of a backend from ParseBackend or DetectEmbeddings. It connects to nothing. Of the backend's limits
// none matters.
func NewEmbedder(b Backend, log *zap.Logger) *Embedder {
	return &Embedder{backend: b, http: newHTTP(nil, time.Second), log: log.Named("embeddings").With(zap.Stringer("backend", b))}
}

// Vectors are those of texts, none of which is empty: as many, in their order, each empty for a text that the model refuses. Of a text that is too
// long for the model it is that of its end. It takes up to 30 s; an error says that there is none for any of them.
func (e *Embedder) Vectors(ctx context.Context, texts []string) ([][]float32, error) {
	limited, cancel := context.WithTimeoutCause(ctx, embedTime, errTimeout)
	defer cancel()
	vectors, err := e.embed(limited, texts)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if ill := err != nil; e.ill.Swap(ill) != ill {
		if ill {
			e.log.Warn("no vectors; the sidebar compares words meanwhile", zap.Error(err))
		} else {
			e.log.Info("the embedding model is well again")
		}
	}
	return vectors, err
}

// embed asks for texts together, and for each by itself where the model refuses one of them.
func (e *Embedder) embed(ctx context.Context, texts []string) ([][]float32, error) {
	vectors, err := e.call(ctx, texts)
	if !refusesText(err) {
		return vectors, err
	}
	vectors, some := make([][]float32, len(texts)), false
	for i, text := range texts {
		one, failed := [][]float32(nil), err
		if len(texts) > 1 {
			one, failed = e.call(ctx, []string{text})
		}
		for cuts, runes := 0, []rune(text); refusesText(failed) && len(runes) >= leastText && cuts < mostCuts; cuts++ {
			runes = runes[len(runes)/2:]
			one, failed = e.call(ctx, []string{string(runes)})
		}
		switch {
		case failed == nil:
			vectors[i], some = one[0], true
		case !refusesText(failed):
			return nil, failed
		default:
			err = failed
		}
	}
	if !some {
		return nil, err
	}
	return vectors, nil
}

// refusesText says whether an error may be about a text: llama.cpp reports one that is too long as its own fault.
func refusesText(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusInternalServerError}, status.Code)
}

// call makes one request through langchaingo.
func (e *Embedder) call(ctx context.Context, texts []string) ([][]float32, error) {
	w := &vectorWire{http: e.http, redact: e.backend.redact}
	llm, err := openai.New(openai.WithBaseURL(e.backend.Base), openai.WithToken(e.backend.token()), openai.WithModel(e.backend.Model),
		openai.WithEmbeddingModel(e.backend.Model), openai.WithOrganization(""), openai.WithHTTPClient(w))
	if err != nil {
		return nil, fmt.Errorf("%w: prepare call: %w", errRefused, err)
	}
	embedder, err := embeddings.NewEmbedder(llm, embeddings.WithBatchSize(len(texts)))
	if err != nil {
		return nil, fmt.Errorf("%w: prepare call: %w", errRefused, err)
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	switch {
	case context.Cause(ctx) != nil:
		return nil, context.Cause(ctx)
	case w.err != nil:
		return nil, w.err
	case err != nil:
		return nil, fmt.Errorf("%w: %s", errRefused, e.backend.redact(err.Error()))
	case len(vectors) != len(texts) || slices.ContainsFunc(vectors, func(v []float32) bool { return len(v) == 0 }):
		return nil, fmt.Errorf("%w: %d texts have %d vectors, or an empty one", errRefused, len(texts), len(vectors))
	}
	return vectors, nil
}

// vectorWire stands between langchaingo and a backend for one call: langchaingo loses the causes of errors, reads answers of any length, and takes
// vectors in the order in which they come.
type vectorWire struct {
	http   *http.Client
	redact func(string) string
	err    error
}

// Do implements the doer that langchaingo asks for.
func (w *vectorWire) Do(req *http.Request) (*http.Response, error) {
	res, err := w.http.Do(req)
	if err != nil {
		w.err = fmt.Errorf("%w: %s", errUnreachable, err)
		return nil, w.err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxVectors+1))
	res.Body.Close()
	switch {
	case err != nil:
		w.err = fmt.Errorf("%w: %s", errUnreachable, err)
	case res.StatusCode != http.StatusOK:
		w.err = readStatus(res.StatusCode, res.Header, body[:min(len(body), maxEvent)], w.redact)
	case len(body) > maxVectors:
		w.err = fmt.Errorf("%w: an answer of more than %d bytes", errRefused, maxVectors)
	default:
		body, w.err = sorted(body)
	}
	if w.err != nil {
		return nil, w.err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// sorted puts the vectors of an answer into the order of the texts.
func sorted(body []byte) ([]byte, error) {
	type vector struct {
		Index     int             `json:"index"`
		Embedding json.RawMessage `json:"embedding"`
	}
	var answer struct {
		Data []vector `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Data) == 0 {
		return nil, fmt.Errorf("%w: there are no vectors in the answer; is it an embedding model?", errRefused)
	}
	slices.SortStableFunc(answer.Data, func(a, b vector) int { return cmp.Compare(a.Index, b.Index) })
	return json.Marshal(answer)
}

// Two sentences that say the same, and one that says something else.
const (
	sameInEnglish = "A ship is caught in a storm at sea."
	sameInChinese = "一艘船在海上遇到了暴风雨。"
	anotherThing  = "A recipe for an apple cake with cinnamon."
)

// Examine asks for vectors and says what they are like. It takes up to a minute, since a server may have to load its model. It is meant for operators.
func (e *Embedder) Examine(ctx context.Context) []Finding {
	if _, err := e.Vectors(ctx, []string{sameInEnglish}); err != nil {
		return []Finding{{false, Advice(err)}}
	}
	began := time.Now()
	v, err := e.Vectors(ctx, []string{sameInEnglish, sameInChinese, anotherThing})
	if err != nil || len(v[1]) != len(v[0]) || len(v[2]) != len(v[0]) {
		return []Finding{{false, "it gives vectors for one text, but not for several"}}
	}
	found := []Finding{{true, fmt.Sprintf("vectors of %d numbers; three texts took %d ms", len(v[0]), time.Since(began).Milliseconds())}}
	if !(alike(v[0], v[1]) > alike(v[0], v[2])) { // also where one is no number
		found = append(found, Finding{false, "it finds an English sentence less like its Chinese translation than like another sentence: rooms in Chinese gain nothing; take a model for many languages"})
	}
	return found
}

// alike is the cosine of two vectors.
func alike(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range min(len(a), len(b)) {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}
