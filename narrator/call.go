package narrator

import (
	"context"
	"errors"
	"fmt"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"

	"kinoautomat/story"
)

// call asks the model through langchaingo and pushes what it says to out. cancel ends ctx with what wire finds too late.
func (m *Model) call(ctx context.Context, cancel context.CancelCauseFunc, cue story.Cue, out *prose) error {
	w := &wire{http: m.http, idle: m.opts.Idle, cancel: cancel, redact: m.backend.redact}
	llm, err := openai.New(openai.WithBaseURL(m.backend.Base), openai.WithToken(m.backend.token()), openai.WithModel(m.backend.Model),
		openai.WithOrganization(""), openai.WithHTTPClient(w))
	if err != nil {
		return fmt.Errorf("%w: prepare call: %w", errRefused, err)
	}
	contract, request := prompt(cue)
	_, err = llm.GenerateContent(ctx, []llms.MessageContent{
		llms.TextParts(llms.ChatMessageTypeSystem, contract),
		llms.TextParts(llms.ChatMessageTypeHuman, request),
	},
		llms.WithTemperature(m.opts.Temperature),
		llms.WithMaxTokens(maxChars(cue)), // a token has at least about one character
		openai.WithLegacyMaxTokensField(), // the name that every kind of server knows
		llms.WithStreamingFunc(func(_ context.Context, piece []byte) error { return out.push(string(piece)) }))
	finish, failed := w.result()
	switch {
	case errors.Is(err, errFull):
		return nil
	case context.Cause(ctx) != nil: // langchaingo forgets to say so half of the time
		return context.Cause(ctx)
	case failed != nil:
		return failed
	case err != nil:
		return fmt.Errorf("%w: %s", errRefused, m.backend.redact(err.Error()))
	case finish == "":
		return errCut
	}
	return out.close(finish != "length") // the sentence that did not fit is dropped
}
