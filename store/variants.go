package store

import (
	"context"
	"time"

	"github.com/cxloop/cxloop/survey"
)

// VariantCount is what came of one variant of a program.
type VariantCount struct {
	Variant string
	// Sent are the invitations that were mailed, whatever became of them. Open are
	// those of them that are not answered and still may be.
	Sent, Open int
	// Scores count the responses by score, each invitation's latest alone.
	Scores map[int]int
}

// Variants tells what came of the variants of programs.
type Variants interface {
	// VariantCounts counts the invitations of a program under all its versions that try
	// the same variants with the same shares, by variant in the program's order.
	VariantCounts(ctx context.Context, p survey.Program, now time.Time) ([]VariantCount, error)
}
