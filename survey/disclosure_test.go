package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func months(n ...int) []Block {
	var blocks []Block
	for i, n := range n {
		b := Block{From: "2026-0" + string(rune('1'+i))}
		b.To = b.From
		b.Add(ScoreCount{9, Promoter, n - 1})
		b.Add(ScoreCount{i, Detractor, 1})
		blocks = append(blocks, b)
	}
	return blocks
}

func TestDisclose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		blocks  []Block
		want    []int
		periods []string
	}{
		"nothing":                           {nil, nil, nil},
		"too few":                           {months(4, 5), nil, nil},
		"just enough, over two months":      {months(4, 6), []int{10}, []string{"2026-01–2026-02"}},
		"each month enough":                 {months(10, 12), []int{10, 12}, []string{"2026-01–2026-01", "2026-02–2026-02"}},
		"what is left goes with the last":   {months(10, 12, 9), []int{10, 21}, []string{"2026-01–2026-01", "2026-02–2026-03"}},
		"few at first go with what follows": {months(3, 12, 3, 7), []int{15, 10}, []string{"2026-01–2026-02", "2026-03–2026-04"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, periods, shown := Disclose(c.blocks, 10)
			require.Equal(t, len(c.want) > 0, shown)
			var sizes []int
			var spans []string
			sum := 0
			for _, p := range periods {
				sizes, spans, sum = append(sizes, p.N()), append(spans, p.From+"–"+p.To), sum+p.N()
			}
			require.Equal(t, c.want, sizes)
			require.Equal(t, c.periods, spans)
			require.Equal(t, whole.N(), sum, "nothing is left over that a difference would tell")
		})
	}
}
