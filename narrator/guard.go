package narrator

import (
	"context"
	"fmt"
	"strings"

	"kinoautomat/narrator/gate"
)

// Guard is a model that was trained to judge texts, such as Qwen3Guard-Gen or Llama Guard, in the gate's terms. It is asked with the text alone,
// as such models want it.
type Guard struct{ pool *Pool }

// NewGuard returns a guard that asks these models.
func NewGuard(pool *Pool) *Guard { return &Guard{pool: pool} }

// guardTokens are enough for every verdict: one line, and one of categories.
const guardTokens = 48

// Judge implements gate.Guard. An answer that is no verdict is an error, and so blocks.
func (g *Guard) Judge(ctx context.Context, text string) (gate.Judgement, error) {
	cold := 0.0
	answer, err := g.pool.Stream(ctx, "", []Turn{{RoleAsked, text}}, Call{Temperature: &cold, MaxTokens: guardTokens}, func(string) error { return nil })
	if err != nil {
		return gate.Judgement{}, err
	}
	return judgement(answer.Text)
}

// judgement reads "safe", "unsafe\nS1", "Safety: Safe\nCategories: None", and what looks like them. What is only controversial does not pass.
func judgement(answer string) (gate.Judgement, error) {
	lines := strings.Split(strings.ToLower(strings.TrimSpace(answer)), "\n")
	said := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(lines[0]), "safety:"))
	category := ""
	if len(lines) > 1 {
		category = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(lines[1]), "categories:"))
	}
	switch said {
	case "safe":
		return gate.Judgement{Safe: true}, nil
	case "unsafe", "controversial":
		return gate.Judgement{Category: gate.Category(category)}, nil
	}
	return gate.Judgement{}, fmt.Errorf("the guard gave no verdict")
}
